#pragma once

/// @file
/// What has sometimes happened: a fault that never strikes proves nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace onceward::sim {

enum class seen : std::uint8_t {
    server_crash,
    hidden_crash,             ///< A session went on behind a pooler as if nothing had happened.
    xids_handed_out_again,    ///< After a crash, under a relay that went on living.
    failover_lost_published,  ///< Events that Kafka has and the new primary has not.
    life_was_gone,            ///< The core noticed that its snapshots are of another life.
    async_commit_lost,
    visibility_swapped,  ///< Two commits became visible against the order of their records.
    late_commit,         ///< A transaction committed after 20 that began later.
    sequence_jumped,
    empty_window_not_durable,
    barrier_needed,
    large_window,
    large_window_not_durable,
    large_window_with_latecomers,
    window_resumed_inside,
    many_runs_merged,
    drained_under_open_transaction,
    store_in_doubt_done,  ///< The reply was lost, the cursor had moved.
    store_in_doubt_not_done,
    fenced_store,  ///< A paused holder came back to a lease that another has.
    lease_ran_out,
    zombie_published,  ///< A relay's event reached Kafka after another had taken the lease.
    relay_killed,
    relay_killed_in_statement,
    relay_drained,
    late_append,  ///< Of a producer that was destroyed with requests on the way.
    producer_failed,
    batch_refused,
    event_buried,  ///< Refused alone, it became a dead letter.
    tombstone_skipped,
    event_redriven,
    repeat_in_log,
    duplicate_dropped,
    consumer_killed,
    consumer_killed_after_commit,
    consumer_fenced,
    consumer_took_again,
    idle_transaction_ended,
    commit_in_doubt_was_there,
    commit_in_doubt_was_not,
    message_isolated,
    stopped_at_poison,
    dead_lettered,
    dead_letter_came_again,  ///< From Kafka, and was known.
    redriven,
    redriven_in_vain,  ///< It failed again.
    position_put_back,
    count_,
};

constexpr std::size_t seen_count = static_cast<std::size_t>(seen::count_);

std::string_view name_of(seen what);

class coverage {
public:
    void sometimes(seen what) { ++counts_[static_cast<std::size_t>(what)]; }
    [[nodiscard]] std::uint64_t of(seen what) const {
        return counts_[static_cast<std::size_t>(what)];
    }
    void add(const coverage& other) {
        for (std::size_t i = 0; i < seen_count; ++i) counts_[i] += other.counts_[i];
    }

private:
    std::array<std::uint64_t, seen_count> counts_{};
};

}  // namespace onceward::sim
