#pragma once

/// @file
/// For unit tests of handlers: delivers messages to them as the inbox does, without Kafka, and
/// without a database unless a test wants one.

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <pqxx/connection>
#include <pqxx/transaction_base>

#include "onceward/handler.hpp"
#include "onceward/outbox.hpp"

namespace onceward::testing {

/// What the inbox would do with a message.
enum class outcome : std::uint8_t {
    applied,      ///< Effects and events are committed, its id is remembered.
    duplicate,    ///< Its id has taken effect; the handler was not called.
    quarantined,  ///< Nobody can say whether it is new; the handler was not called.
    retried,      ///< Rolled back, and tried again after a pause, for ever: deliver it again.
    refused,      ///< Rolled back for good, by fault of the message: its partition stops before it,
                  ///< or with `on_permanent_error::dead_letter` it is kept aside.
    stopped,      ///< Rolled back for good, and others would fail too: its partition stops.
};

/// How one delivery ended.
struct delivery {
    outcome what = outcome::stopped;
    bool handled = false;          ///< Whether there is a handler for its topic and type.
    std::string reason{};          ///< Why it was not applied; else empty.
    std::string sqlstate{};        ///< Of the statement that failed; empty when none did.
    std::vector<event> emitted{};  ///< Added with its effects, ids, correlation and causation set.
};

struct harness_options {
    int window_days = 7;  ///< As inbox_options has it.
    /// With a database: adds what is emitted to this outbox, which makes the database's own checks.
    std::optional<outbox_options> outbox{};
};

/// The test has asked for something that this harness does not have. Passes through handlers and
/// `deliver` to the test.
class harness_misused : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

/// One consumer's handlers. Admission, limits and the judgement of exceptions are the inbox's own
/// code.
///
/// @par Thread safety
/// One thread.
class handler_harness {
public:
    /// Without a database: a handler that asks its context for the transaction is a misuse.
    handler_harness();

    /// With one: handlers get a transaction of it, which ends with the harness by ROLLBACK. Each
    /// delivery is a savepoint in it: what fails leaves nothing behind.
    /// @throws pqxx::failure  The transaction cannot begin.
    explicit handler_harness(pqxx::connection& database, harness_options options = {});
    ~handler_harness();
    handler_harness(const handler_harness&) = delete;
    handler_harness& operator=(const handler_harness&) = delete;

    /// As `inbox::on` and `inbox::on_other`.
    void on(std::string topic, std::string type, handler h);
    void on_other(std::string topic, handler h);

    /// Delivers a message. Where it has no id it gets a new one, where it has no time the present,
    /// and its `id` and `type` headers are those of the wire.
    ///
    /// A batch's messages stand and fall alone here, as they do after the inbox has isolated one.
    /// @throws harness_misused
    delivery deliver(message m);

    /// The transaction, to prepare what handlers need and to look at what they did.
    /// @throws harness_misused  There is none.
    pqxx::transaction_base& tx();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward::testing
