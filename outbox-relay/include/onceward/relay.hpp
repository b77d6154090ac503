#pragma once

/// @file
/// The middle of an event's way: outbox to Kafka. A library, so that a service may run it in its
/// own process; `onceward relay` runs it as a sidecar.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onceward/histogram.hpp"

namespace onceward {

/// What becomes of an event that Kafka refuses for good, alone: one that is too large, say.
enum class refused_event : std::uint8_t {
    /// It becomes a dead letter, out of its key's order; what is behind it goes on.
    dead_letter,
    /// The shard stops before it, until a person has mended the topic and restarts the relay.
    stop,
};

/// How a relay reads the outbox.
enum class capture_engine : std::uint8_t {
    poll,  ///< The table, again and again.
    wal,   ///< The write-ahead log, through a replication slot; the table where that has gaps.
};

struct relay_options {
    std::string database;  ///< libpq URI or key=value string; empty: PG* variables.
    std::string schema = "onceward";
    std::string brokers;                         ///< host:port, comma-separated.
    std::map<std::string, std::string> kafka{};  ///< Further librdkafka properties.
    std::string name = "relay";  ///< Shown as owner of the lease, with a random suffix per process.
    std::int16_t shard = 0;      ///< The shard to relay, a row of relay_cursor.

    std::chrono::milliseconds lease_ttl{10'000};  ///< A dead relay is replaced after this long.
    std::chrono::milliseconds poll_min{1};        ///< Pause between reads while events keep coming.
    std::chrono::milliseconds poll_max{100};      ///< Longest pause when idle.
    std::size_t piece_events = 2'500;             ///< Events read at a time.
    std::size_t piece_bytes = 2U << 20;           ///< Bytes read at a time (at least one event).
    std::size_t in_flight_bytes = 16U << 20;      ///< Memory for what Kafka has not acknowledged.
    std::chrono::milliseconds checkpoint_interval{1'000};  ///< How often the cursor is stored.
    std::chrono::milliseconds retry_min{100};              ///< Pause after the first failure.
    std::chrono::milliseconds retry_max{10'000};           ///< Longest pause; doubles up to here.
    std::chrono::milliseconds stop_timeout{30'000};        ///< Bound of a shutdown's drain.
    std::chrono::milliseconds sample_interval{15'000};     ///< How often the backlog is looked at.
    refused_event on_refused = refused_event::dead_letter;
    /// A topic that cannot be published to stops its shard for this long; then its events wait
    /// apart. Also how often such a topic is looked at.
    std::chrono::milliseconds hold_grace{10'000};
    std::size_t held_events_max = 100'000;  ///< Waiting apart; beyond, the shard waits.
    capture_engine capture = capture_engine::poll;

    bool operator==(const relay_options&) const = default;
};

/// A structured line of the relay's log: an event name, then fields. No payload, key or secret.
struct relay_log_line {
    enum class level : std::uint8_t { debug, info, warning, error } severity;
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// How long things take, and how much goes at once.
struct relay_histograms {
    /// From an event's creation, by the database's clock, to Kafka's acknowledgement of all that
    /// was read with it, by this machine's. In seconds.
    histogram end_to_end{.unit = 0.001};
    histogram publish{.unit = 0.0001};     ///< From the first event of a read to that. In seconds.
    histogram checkpoint{.unit = 0.0001};  ///< Of storing the cursor. In seconds.
    histogram batch{};                     ///< Events that were read together.
};

/// What has happened so far in this process.
struct relay_counts {
    std::uint64_t read = 0;             ///< Events read from the outbox.
    std::uint64_t published = 0;        ///< Events acknowledged by Kafka.
    std::uint64_t windows = 0;          ///< Snapshot windows published to their end.
    std::uint64_t rebuilds = 0;         ///< Producers destroyed and built again.
    std::uint64_t leases = 0;           ///< Leases taken.
    std::uint64_t in_flight_bytes = 0;  ///< Now read and not yet acknowledged.
    std::uint64_t dead_lettered = 0;    ///< Events that became dead letters.
    std::uint64_t held = 0;             ///< Events of held topics that were put aside.
    std::uint64_t held_now = 0;         ///< Events of held topics that wait now.
    std::uint64_t streams = 0;          ///< Times a replication stream was begun.
    std::uint64_t slots_lost = 0;       ///< Slots that were gone, invalidated or made anew.
    relay_histograms histograms{};
};

/// What a relay is to its shard now.
enum class relay_role : std::uint8_t {
    connecting,  ///< Does not reach the database, yet or again.
    standby,     ///< Another relay holds the lease.
    leader,      ///< Holds the lease and publishes.
    paused,      ///< Holds the lease and publishes nothing, because a person has paused the shard.
    stopped,     ///< Holds the lease and stands before an event that Kafka refuses.
};

/// "connecting", "standby", "leader", "paused" or "stopped".
std::string_view to_string(relay_role r);

/// From where the holder of the lease reads events now.
enum class relay_source : std::uint8_t {
    table,  ///< The outbox itself; with the WAL engine until its slot is ready.
    wal,    ///< A replication stream.
};

/// Whether a server is reached.
struct relay_connection {
    enum class reach : std::uint8_t { unknown, up, down } now = reach::unknown;
    std::string trouble{};  ///< Why it is down.
};

/// What waits in the outbox and beside it, looked at every `sample_interval`.
struct relay_backlog {
    std::int64_t pending_events = 0;           ///< Not yet behind the stored cursor.
    bool pending_is_more = false;              ///< Counting stopped there; there are more.
    double oldest_pending_s = 0;               ///< Age of the oldest of those that were counted.
    std::int64_t dead_events = 0;              ///< Kept aside because Kafka refuses them.
    std::int64_t table_bytes = 0;              ///< The outbox on disk, with its indexes.
    std::int64_t table_bytes_limit = 0;        ///< Beyond, it is an alarm.
    std::optional<std::int64_t> slot_bytes{};  ///< WAL that the slot keeps; empty: there is none.
    std::chrono::system_clock::time_point sampled_at{};
};

/// What librdkafka says of itself, every `statistics.interval.ms`, 5 s by default.
struct relay_kafka {
    struct broker {
        std::int64_t id = 0;
        double rtt_s = 0;       ///< Time of a request, 99th percentile since the last look.
        double throttle_s = 0;  ///< How long the broker has asked for a pause, likewise.
        /// Of this producer, the next one begins at 0.
        std::uint64_t requests = 0, retries = 0, errors = 0;
    };
    std::uint64_t queue_messages = 0;  ///< Waiting to be sent, or for an acknowledgement.
    std::uint64_t queue_bytes = 0;
    std::vector<broker> brokers{};  ///< The first 64, by their numbers.
};

/// How a relay is, as seen at one moment.
struct relay_state {
    relay_role role = relay_role::connecting;
    std::string reason{};  ///< Why nothing is published, or what there is trouble with.
    std::chrono::system_clock::time_point since{};  ///< When the role began.
    std::chrono::milliseconds since_tick{};         ///< Since the relay's own loop went round last.
    std::chrono::milliseconds tick_within{};  ///< When it meant to go round again, at the latest.
    std::optional<std::chrono::milliseconds> lease_left{};  ///< Empty: it holds none.
    relay_connection database{};
    relay_connection kafka{};  ///< Only the holder of the lease connects.
    std::optional<std::chrono::system_clock::time_point> published_at{};  ///< The last time.
    std::optional<relay_backlog> backlog{};      ///< Empty until it was looked at.
    std::optional<relay_kafka> kafka_figures{};  ///< Only of the holder of the lease.
    relay_source source = relay_source::table;
    std::string slot_trouble{};  ///< Why the table is read although the WAL should be.

    /// False when the loop is late by as much again as it had given itself: then it hangs.
    [[nodiscard]] bool alive() const { return since_tick <= 2 * tick_within; }
};

/// Publishes one shard of an outbox, in order, for as long as it holds the shard's lease.
class relay {
public:
    using log_sink = std::function<void(const relay_log_line&)>;

    /// @throws std::invalid_argument  An option is missing or out of range, or librdkafka refuses
    ///                                a property.
    relay(relay_options options, log_sink log);
    ~relay();
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;

    /// Checks once that this relay can work at all: a primary server, the schema's version, the
    /// sequence's cache, the grants.
    /// @return Empty, or one sentence a problem, each with its remedy.
    [[nodiscard]] std::vector<std::string> preflight() const;

    /// Relays until `stop` is asked for, then stops reading, waits for what is in flight, stores
    /// the cursor and gives the lease back, within `stop_timeout`. Lost connections are made again,
    /// for ever; a standby relay waits here for the lease.
    /// @return True when everything that was read had been acknowledged and stored.
    bool run(std::stop_token stop);

    /// @par Thread safety
    /// Any thread, at any time.
    [[nodiscard]] relay_counts counts() const;

    /// @par Thread safety
    /// Any thread, at any time; asks nobody, so it answers also when the relay hangs.
    [[nodiscard]] relay_state state() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward
