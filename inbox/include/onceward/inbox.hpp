#pragma once

/// @file
/// The last step of an event's way: Kafka to handler, its effect, its id and the consumer's
/// position in one database transaction.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/handler.hpp"
#include "onceward/histogram.hpp"

namespace onceward {

/// Where a consumer begins on a partition for which it has no position yet. `latest` holds for
/// partitions that are added to a topic later, too: what they receive before their first assignment
/// is left out.
enum class start_at : std::uint8_t { earliest, latest };

/// What becomes of a message whose handler fails for good.
enum class on_permanent_error : std::uint8_t {
    /// Its partition stops before it and waits for a person; nothing is skipped.
    stop_partition,
    /// It is kept in inbox_dead with its reason, and later ones go on: it leaves its key's order.
    /// Where not the message is at fault but a grant, a table or the like, the partition stops.
    dead_letter,
};

struct inbox_options {
    std::string consumer{};  ///< Kafka group id, and the name that ids are remembered under.
    std::string database{};  ///< libpq URI or key=value string; empty: PG* variables.
    std::string schema = "onceward";
    std::string brokers{};                       ///< host:port, comma-separated.
    std::map<std::string, std::string> kafka{};  ///< Further librdkafka properties.

    start_at start = start_at::earliest;  ///< Used only while no position is stored.
    std::size_t batch_max = 100;          ///< Messages in one transaction, 1 to 10,000.
    std::size_t workers = 4;  ///< Connections; partitions are spread over them, 1 to 64.
    int window_days = 7;      ///< How long ids are remembered; older unknown ones are quarantined.

    on_permanent_error on_permanent = on_permanent_error::stop_partition;
    /// Dead letters of this consumer that may wait for a person, 1 to 1,000,000. The partition of a
    /// further one stops: a handler that refuses everything must not empty a topic into a table.
    std::size_t dead_letters_max = 1'000;

    std::chrono::milliseconds retry_min{50};     ///< Pause after the first transient error.
    std::chrono::milliseconds retry_max{5'000};  ///< Longest pause; doubles up to here, jittered.
    std::chrono::milliseconds statement_timeout{30'000};
    std::chrono::milliseconds stop_timeout{
        10'000};  ///< Bound of a shutdown, after which it gives up.
    std::chrono::milliseconds session_timeout{10'000};  ///< Kafka group session.
};

/// What has happened so far in this process.
struct inbox_counts {
    std::uint64_t received = 0;       ///< Messages read from Kafka.
    std::uint64_t applied = 0;        ///< Handlers whose transaction committed.
    std::uint64_t duplicates = 0;     ///< Refused because their id had taken effect before.
    std::uint64_t quarantined = 0;    ///< Kept aside: too old to say whether they are new.
    std::uint64_t dead_lettered = 0;  ///< Kept aside: their handler refused them for good.
    std::uint64_t redriven = 0;       ///< Dead letters that a person had applied after all.
    std::uint64_t retries = 0;        ///< Batches rolled back and tried again.
    std::uint64_t fenced = 0;  ///< Batches given up because another consumer owns the partition.
    std::uint64_t stopped_partitions =
        0;                              ///< Partitions that wait for a person, see inbox_position.
    histogram handler{.unit = 0.0001};  ///< Seconds in a handler, one that throws included.
    histogram batch{
        .unit = 0.0001};  ///< Seconds from a batch's BEGIN to its end, rolled back ones included.
};

/// A line of the inbox's log: no payload, no key, no secret.
struct inbox_log_line {
    enum class level : std::uint8_t { debug, info, warning, error } severity;
    std::string message;
};

/// Consumes topics and applies each message once.
///
/// @par Order
/// One partition's messages are applied in their order, one batch at a time; partitions run in
/// parallel, each on one of `workers` connections.
///
/// @par Errors
/// A transient error rolls the batch back and repeats it. A permanent one is isolated: the messages
/// before it are applied, its partition stops there, says so in the log and in `inbox_position`,
/// and nothing is skipped; the next start tries again. Other partitions go on. With
/// `on_permanent_error::dead_letter` the message is kept in `inbox_dead` instead, its id counts as
/// seen, and the partition goes on behind it.
///
/// @par Delivering again
/// `UPDATE onceward.inbox_position SET next_off = N, epoch = epoch + 1 WHERE ...` makes a running
/// consumer read that partition again from N, within a third of `session_timeout` or so; ids that
/// have taken effect are refused as duplicates. Raise the epoch only together with next_off.
class inbox {
public:
    /// @throws std::invalid_argument  An option is missing or out of range.
    explicit inbox(inbox_options options);
    ~inbox();
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    /// Handles the messages of one type. Registered before `run`.
    void on(std::string topic, std::string type, handler h);

    /// Handles every message of a topic whose type has no handler of its own. Without one such
    /// messages count as applied: this consumer is not interested in them.
    void on_other(std::string topic, handler h);

    /// Receives the log; without it warnings and errors go to stderr.
    void log_to(std::function<void(const inbox_log_line&)> sink);

    /// Consumes until `stop` is asked for, then finishes or rolls back the batches in hand and
    /// leaves the group, within `stop_timeout`. Lost connections are made again, for ever.
    /// A handler that has not returned by then is left behind, says the log: end the process, since
    /// the handler may still use what it refers to.
    /// @throws std::runtime_error  It cannot start in this set-up: no schema, no grants.
    void run(std::stop_token stop);

    /// @par Thread safety
    /// Any thread, at any time.
    [[nodiscard]] inbox_counts counts() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward
