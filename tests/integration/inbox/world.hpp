#pragma once

/// @file
/// What the inbox's tests run in: a database, a broker, a producer that can write anything, and an
/// inbox in a thread.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dev/embedded_broker.hpp"
#include "kafka/rd_handle.hpp"
#include "onceward/inbox.hpp"
#include "pg/connection.hpp"

namespace onceward::test {

/// A message as a test writes it to Kafka.
struct raw_message {
    std::int32_t partition = 0;
    std::optional<std::string> key = "k";
    std::optional<std::string> payload = "1";
    std::vector<header> headers{};

    /// An ordinary one: an id, a type, a number as payload.
    static raw_message of(const message_id& id, int value, std::int32_t partition = 0);
};

/// A UUIDv7 as a producer makes it whose clock is off by `skew`.
message_id id_with_skew(std::chrono::milliseconds skew);

/// A fresh database with a ledger, and a fresh broker with the topic "orders".
class world {
public:
    explicit world(int partitions = 1);
    ~world();

    /// Writes messages and waits until the broker has them.
    void produce(const std::vector<raw_message>& messages);

    /// `count` ordinary messages with values from `first` on. @return Their ids.
    std::vector<message_id> produce_values(int count, int first = 1, std::int32_t partition = 0);

    /// Plants an offset in Kafka's own store, as the group's.
    void commit_in_kafka(std::int64_t offset);
    /// @return The group's offset in Kafka's own store; -1 when there is none.
    std::int64_t committed_in_kafka();

    /// Sessions of this database with a property of pg_stat_activity. From any thread.
    [[nodiscard]] std::int64_t sessions(const std::string& property) const;

    /// Makes the database refuse everybody, ending all sessions but this test's, or accept again.
    void allow_connections(bool yes);

    /// What a consumer of this world needs.
    [[nodiscard]] inbox_options options() const;

    /// The first value of a query, on a connection of the test's own thread.
    std::string value(const std::string& sql);

    /// "1,2,3": the ledger's values in the order in which they were written.
    std::string ledger() { return value("SELECT string_agg(v::text, ',' ORDER BY n) FROM ledger"); }
    [[nodiscard]] std::int64_t ledger_rows() {
        return std::stoll(value("SELECT count(*) FROM ledger"));
    }

    const std::string database;  ///< As its owner.
    const std::string service;   ///< As the consumer, a role with the least grants.
    dev::embedded_broker broker;

private:
    pg::connection connection_;
    rd_kafka_t* producer_ = nullptr;
};

/// Counts the places where a partition's values in the ledger are not 1, 2, 3 and so on.
constexpr auto gaps_and_repeats =
    "SELECT count(*) FROM (SELECT v - lag(v, 1, 0) OVER (PARTITION BY part ORDER BY n) AS step "
    "FROM ledger) s "
    "WHERE step <> 1";

/// The usual handler: writes the payload's number into the ledger.
void write_ledger(handler_context& context, const message& m);

/// An inbox that runs in a thread until `stop` or its end.
class running_inbox {
public:
    running_inbox(const inbox_options& options, handler h);
    ~running_inbox() { stop(); }

    /// Asks it to stop and waits for it. @return How long that took.
    std::chrono::milliseconds stop();

    [[nodiscard]] inbox_counts counts() const { return inbox_.counts(); }
    [[nodiscard]] bool logged(const std::string& part) const;
    [[nodiscard]] std::string log() const;

private:
    mutable std::mutex mutex_;
    std::string log_;
    inbox inbox_;
    std::jthread thread_;
};

}  // namespace onceward::test
