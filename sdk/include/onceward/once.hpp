#pragma once

/// @file
/// An operation that takes effect once, however often it is asked for.

#include <chrono>
#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>

#include <pqxx/transaction_base>

namespace onceward {

inline constexpr std::size_t operation_name_bytes_max = 255;  ///< Of a scope, and of an id.
inline constexpr std::size_t operation_result_bytes_max = 1024 * 1024;

/// Another caller is at the operation and has not ended within `once_options::wait`. Nothing has
/// happened and `tx` is still usable; ask again later.
class operation_in_flight : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The operation took effect before, but it was asked to do something else. Nothing has happened
/// and `tx` is still usable; whoever asks has used one id for two operations.
class operation_mismatch : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

struct once_options {
    std::string schema = "onceward";  ///< The schema that `onceward migrate` made.

    /// What the operation is asked to do, as bytes. Only their SHA-256 is stored; a repeat with
    /// other bytes is refused.
    std::string fingerprint{};

    /// How long to wait for another caller who is at the same operation. 0: not at all.
    std::chrono::milliseconds wait = std::chrono::seconds{10};
};

struct once_result {
    std::string result;     ///< What `fn` returned, now or when it ran.
    bool replayed = false;  ///< It ran before; nothing has happened now.
};

/// Runs `fn` in the caller's transaction unless the operation has taken effect before; then returns
/// what it returned then.
///
/// Effect and result commit together with `tx`: after a crash, or a COMMIT whose reply was lost,
/// call it again in a new transaction. It waits for the end of the old one and then knows. Callers
/// at the same time wait for each other. Two round trips besides those of `fn`, one for a repeat.
///
/// Results are kept for the day (UTC) and at least `onceward.operation_retain(days)` more, 1 by
/// default; an operation that is asked for again later runs again.
///
/// @param tx     An open transaction in READ COMMITTED. It stays the caller's: this call neither
///               commits nor rolls it back.
/// @param scope  Within which ids are unique, such as `refund` or `refund/tenant-7`.
/// @param operation_id  The caller's name of the operation, the same in every retry.
/// @param fn     What is to be done once, by statements in `tx`. Returns at most
///               `operation_result_bytes_max` bytes.
/// @throws operation_in_flight, operation_mismatch  `tx` is still usable.
/// @throws std::length_error  A scope or an id is empty or too long; `tx` is still usable. Or the
///                            result is too long; then as with what `fn` throws.
/// @throws pqxx::failure      A statement failed. `tx` is aborted; let it unwind.
/// @throws Whatever `fn` throws. `tx` is aborted then, so that no half of its effect can commit.
once_result once(pqxx::transaction_base& tx, const std::string& scope,
                 const std::string& operation_id, const std::function<std::string()>& fn,
                 const once_options& options = {});

}  // namespace onceward
