#pragma once

/// @file
/// The first step of an event's way: a row beside the business rows, in their transaction.

#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <pqxx/transaction_base>

#include "onceward/event.hpp"
#include "onceward/event_sink.hpp"
#include "onceward/message_id.hpp"

namespace onceward {

/// An event breaks a limit of event.hpp. Nothing was sent to the server.
class limit_exceeded : public std::length_error {
public:
    using std::length_error::length_error;
};

struct outbox_options {
    std::string schema = "onceward";  ///< The schema that `onceward migrate` made.

    /// Take a lock on each event's key before it is added, held until the transaction ends.
    /// For callers who hold no lock of their own on what the key names: without one, the order of
    /// two concurrent transactions is undefined. Costs a round trip; transactions that add several
    /// keys should add them in one order, or be ready to retry a deadlock (SQLSTATE 40P01).
    bool serialize = false;
};

/// Writes events next to business rows.
///
/// An outbox owns no connection and starts no transaction: the event commits when the caller's
/// transaction commits and vanishes when it rolls back.
///
/// @par Thread safety
/// `add` is const and keeps no state; share one outbox between threads, one transaction per thread.
///
/// @par Order
/// Events of one key are published in the order in which their transactions commit, provided each
/// transaction holds a lock on what the key names *before* it adds (a row it has updated, or
/// `serialize`). An event that is dead-lettered leaves that order.
class outbox {
public:
    /// @throws std::invalid_argument  `options.schema` is not a plain lower-case identifier.
    explicit outbox(outbox_options options = {});

    /// Adds one event to `tx`. One round trip.
    ///
    /// @param tx  An open transaction, not a `pqxx::nontransaction`. It stays the caller's:
    ///            this call neither commits nor aborts it.
    /// @return    The id that consumers deduplicate by. Stable across every retry downstream.
    /// @throws limit_exceeded   The event breaks a limit, which the message names. Nothing was
    ///                          sent to the server; `tx` is still usable.
    /// @throws pqxx::failure    The insert failed. `tx` is aborted; let it unwind.
    /// @throws pqxx::usage_error  `tx` is over, because of an error that was swallowed, for one.
    message_id add(pqxx::transaction_base& tx, const event& e) const;

    /// Adds several events in the given order. One round trip for all of them.
    ///
    /// @throws limit_exceeded   One of them breaks a limit; the message says which. None was
    ///                          sent to the server; `tx` is still usable.
    /// @throws pqxx::failure    The insert failed. `tx` is aborted; let it unwind.
    std::vector<message_id> add(pqxx::transaction_base& tx, std::span<const event> events) const;

private:
    std::string schema_;
    bool serialize_;
};

/// An outbox within one transaction, for code that takes an `event_sink`. Both must outlive it.
class transaction_sink final : public event_sink {
public:
    transaction_sink(const outbox& out, pqxx::transaction_base& tx) : outbox_(out), tx_(tx) {}

    /// As `outbox::add`, exceptions included.
    message_id emit(event e) override { return outbox_.add(tx_, e); }

private:
    const outbox& outbox_;
    pqxx::transaction_base& tx_;
};

}  // namespace onceward
