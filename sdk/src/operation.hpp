#pragma once

/// @file
/// An idempotent operation in the database: begun before its effect, ended after it.

#include <chrono>
#include <string>

#include <pqxx/transaction_base>

namespace onceward {

struct operation {
    std::string schema;
    std::string scope;
    std::string id;
    std::string fingerprint;  ///< A digest, at most 64 bytes.
};

enum class operation_state { fresh, stored, mismatch, in_flight };

struct begun_operation {
    operation_state state;
    std::string result;  ///< When stored.
    std::string xact;    ///< When fresh: the transaction it has to end in.
};

/// The SHA-256 of `bytes`, 32 bytes.
std::string fingerprint_of(const std::string& bytes);

/// @throws std::length_error  A scope or an id is empty or too long.
void check_operation(const operation& o);

/// Excludes all others from the operation until the transaction ends, and looks for its result.
/// `wait` bounds the wait for another; without an end of it nothing has changed.
begun_operation begin_operation(pqxx::transaction_base& tx, const operation& o,
                                std::chrono::milliseconds wait);

/// Stores the result of a fresh one.
/// @throws std::length_error  The result is too long; nothing was sent.
void end_operation(pqxx::transaction_base& tx, const operation& o, const std::string& xact,
                   const std::string& result);

}  // namespace onceward
