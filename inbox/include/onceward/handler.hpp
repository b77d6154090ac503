#pragma once

/// @file
/// What a consumer writes: a handler for one message, inside the inbox's transaction.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <pqxx/transaction_base>

#include "onceward/event.hpp"
#include "onceward/event_sink.hpp"
#include "onceward/message_id.hpp"
#include "onceward/outbox.hpp"

namespace onceward {

/// A message as it came from Kafka.
struct message {
    std::string topic{};
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    message_id id{};  ///< What the inbox deduplicates by.
    std::optional<std::string> key{};
    std::string type{};                    ///< The `type` header; empty when there is none.
    std::optional<std::string> payload{};  ///< Null is a tombstone.
    std::vector<header> headers{};         ///< All headers, in order, reserved ones included.
    std::chrono::sys_time<std::chrono::milliseconds> created_at{};  ///< The Kafka timestamp.
    int attempt = 1;  ///< 1 for the first try in this process.

    /// The last header of that name, as Kafka clients read repeated headers.
    /// @return Null when there is none.
    [[nodiscard]] const std::string* header_value(std::string_view name) const;
};

/// What a handler may touch: the transaction that also holds the message's id and position.
class handler_context : public event_sink {
public:
    /// The inbox's open transaction. All work of the handler goes through it, and the handler
    /// neither commits nor aborts it.
    virtual pqxx::transaction_base& tx() = 0;

    /// Adds an event to this database's outbox, in the same transaction. Its correlation id is the
    /// message's (or else the message's id), its causation id the message's id, unless set.
    /// Sent to the server in one round trip for all events of a batch, after its last handler.
    /// @return The event's id.
    /// @throws limit_exceeded  The event breaks a limit; nothing was added.
    message_id emit(event e) override = 0;
};

/// Thrown by a handler: the message can never be applied. Everything else that a handler throws is
/// judged by its type: pqxx's errors by SQLSTATE, all others as permanent.
class permanent_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Thrown by a handler: not now. The batch is rolled back and retried after a pause.
class transient_error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Applies one message. Runs at most once to a committed end for each message id.
using handler = std::function<void(handler_context&, const message&)>;

}  // namespace onceward
