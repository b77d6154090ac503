#pragma once

/// @file
/// How the relay is, written by its threads and read by whoever looks at it.

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "metrics/live_histogram.hpp"
#include "onceward/relay.hpp"
#include "relay/io/kafka_statistics.hpp"

namespace onceward::relay_core {

/// The relay's counters.
struct live_counts {
    std::atomic<std::uint64_t> read{0}, published{0}, windows{0}, rebuilds{0}, leases{0},
        in_flight_bytes{0}, dead_lettered{0}, held{0}, held_now{0}, streams{0}, slots_lost{0};
};

struct live_histograms {
    metrics::live_histogram end_to_end{0.001};  // a created_at is in milliseconds
    metrics::live_histogram publish{metrics::duration_unit};
    metrics::live_histogram checkpoint{metrics::duration_unit};
    metrics::live_histogram batch{1};

    [[nodiscard]] relay_histograms read() const {
        return {.end_to_end = end_to_end.read(),
                .publish = publish.read(),
                .checkpoint = checkpoint.read(),
                .batch = batch.read()};
    }
};

/// @par Thread safety
/// Any thread may call anything.
class live_state {
public:
    using clock = std::chrono::steady_clock;

    live_state();

    live_counts counts;
    live_histograms histograms;

    /// The relay's loop goes round now, and will again within `bound` even if what it does
    /// meanwhile takes as long as it may.
    void tick(std::chrono::milliseconds bound);

    void become(relay_role role, std::string reason = {});
    /// A paused leader leads again; anything else stays as it is.
    void resume();
    /// Something failed and is tried again. The role stays while the lease still lasts.
    void in_trouble(const std::string& reason, bool role_is_lost);
    void leased_until(clock::time_point end);
    void database(relay_connection c);
    void kafka(relay_connection c);
    void statistics(kafka_look seen);
    /// Kafka has acknowledged events: whatever the trouble was, it is over.
    void published();
    void backlog(relay_backlog b);
    void reads_from(relay_source source, std::string slot_trouble = {});

    [[nodiscard]] relay_state look() const;

private:
    mutable std::mutex guard_;
    relay_state state_;
    clock::time_point ticked_at_;
    std::optional<clock::time_point> lease_end_;
};

}  // namespace onceward::relay_core
