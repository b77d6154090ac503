#pragma once

/// @file
/// What `onceward status` can find wrong, with the codes that programs go by.

#include <array>
#include <cstdint>
#include <string_view>

namespace onceward::cli {

enum class problem_kind : std::uint8_t {
    schema_misfit,
    shard_stopped,
    shard_paused,
    shard_held_up,
    no_relay,
    backlog_old,
    slot_unread,
    slot_missing,
    topic_held,
    outbox_too_large,
    partition_stopped,
    outbox_dead_letters,
    inbox_dead_letters,
    inbox_days_short,
};

struct problem_code {
    problem_kind kind;
    std::string_view code;  ///< Stays as it is; the sentences beside it may change.
    std::string_view meaning;
};

/// In the enum's order.
inline constexpr std::array problem_codes{
    problem_code{problem_kind::schema_misfit, "schema-misfit",
                 "the schema is missing, or too old or too new for this program"},
    problem_code{problem_kind::shard_stopped, "shard-stopped",
                 "the relay stands before an event that Kafka refuses"},
    problem_code{problem_kind::shard_paused, "shard-paused", "a person has paused the shard"},
    problem_code{problem_kind::shard_held_up, "shard-held-up",
                 "the relay is in trouble and tries again by itself"},
    problem_code{problem_kind::no_relay, "no-relay", "events wait and no relay holds the lease"},
    problem_code{problem_kind::backlog_old, "backlog-old",
                 "the oldest event waits although a relay holds the lease"},
    problem_code{problem_kind::slot_unread, "slot-unread",
                 "a replication slot keeps WAL and nobody reads it"},
    problem_code{problem_kind::slot_missing, "slot-missing",
                 "a replication slot is gone or invalidated; the table is read meanwhile"},
    problem_code{problem_kind::topic_held, "topic-held",
                 "a topic cannot be published to; its events wait apart"},
    problem_code{problem_kind::outbox_too_large, "outbox-too-large",
                 "the outbox takes more disk than its limit"},
    problem_code{problem_kind::partition_stopped, "partition-stopped",
                 "a consumer has stopped before a message"},
    problem_code{problem_kind::outbox_dead_letters, "outbox-dead-letters",
                 "events that Kafka refused for good wait for a decision"},
    problem_code{problem_kind::inbox_dead_letters, "inbox-dead-letters",
                 "messages that were set aside wait for a decision"},
    problem_code{problem_kind::inbox_days_short, "inbox-days-short",
                 "the inbox has too few day partitions ahead"},
};

constexpr std::string_view code_of(problem_kind k) {
    return problem_codes[static_cast<std::size_t>(k)].code;
}

static_assert([] {
    for (std::size_t i = 0; i < problem_codes.size(); ++i)
        if (static_cast<std::size_t>(problem_codes[i].kind) != i) return false;
    return true;
}());

}  // namespace onceward::cli
