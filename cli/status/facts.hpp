#pragma once

/// @file
/// What `onceward status` sees in a database.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "status/problem_kind.hpp"

namespace onceward::cli {

enum class lease_state : std::uint8_t { none, held, expired };

/// Counting stops here: a backlog of millions must not make the look at it slow.
inline constexpr std::int64_t counted_max = 10'000;

/// Events, dead letters: a number that is exact below counted_max.
struct bounded_count {
    std::int64_t counted = 0;
    [[nodiscard]] bool more() const { return counted >= counted_max; }
};

/// A pause that a person has asked for.
struct pause_facts {
    std::string reason{};
    std::string by{};
    std::string since{};  ///< As the server writes it.
};

/// The replication slot of a shard whose relay reads the WAL.
struct slot_facts {
    enum class kind : std::uint8_t { gone, lost, unread, read } is = kind::gone;
    std::int64_t wal_bytes = 0;  ///< That it keeps.
};

struct shard_facts {
    std::int64_t shard = 0;
    std::string owner{};
    lease_state lease = lease_state::none;
    std::string state{};   ///< idle, running or stopped.
    std::string reason{};  ///< Why it is stopped, or what it has trouble with.
    std::int64_t epoch = 0;
    bounded_count pending{};      ///< Events beyond the stored cursor, which lags by a second.
    double oldest_pending_s = 0;  ///< Age of the oldest of those that were counted.
    std::optional<pause_facts> paused{};
    std::optional<slot_facts> slot{};  ///< Empty: its relay polls the table.
};

/// A topic that cannot be published to for now, and how many events wait for it.
struct held_topic_facts {
    std::int64_t shard = 0;
    std::string topic{};
    std::string reason{};
    std::string since{};  ///< As the server writes it.
    bounded_count events{};
};

struct disk_facts {
    std::int64_t outbox_bytes = 0;
    std::int64_t limit_bytes = 0;
};

struct partition_facts {
    std::string consumer{};
    std::string topic{};
    std::int64_t partition = 0;
    std::string owner{};
    std::int64_t epoch = 0;
    std::int64_t next_offset = 0;  ///< The first one that is not applied.
    std::string state{};           ///< running or stopped.
    std::string reason{};
};

struct facts {
    std::string schema;
    int version = 0;           ///< 0: there is no schema.
    int required_version = 0;  ///< What this program needs.
    int compatible_from = 0;   ///< The oldest program that a newer schema still serves.
    std::vector<shard_facts> shards{};
    std::vector<held_topic_facts> held_topics{};
    disk_facts disk{};
    std::vector<partition_facts> partitions{};
    bool sees_inbox = true;  ///< False: this role has no right to look at the inbox.
    std::optional<bounded_count> outbox_dead{};  ///< Events that Kafka refused for good.
    std::optional<bounded_count> inbox_dead{};   ///< Messages kept aside; empty: no right to look.
    /// Days after today that the inbox has partitions for; empty: nobody has consumed here yet.
    std::optional<std::int64_t> inbox_days_left{};
};

/// Something that a person has to look at.
struct problem {
    problem_kind kind;
    std::string what;
    std::string remedy;
};

}  // namespace onceward::cli
