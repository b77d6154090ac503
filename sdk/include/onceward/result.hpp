#pragma once

/// @file
/// The error model: one question decides what an error is, namely what the caller does next.

#include <cassert>
#include <cstdint>
#include <source_location>
#include <string>
#include <utility>
#include <variant>

namespace onceward {

/// What the caller of a failed operation does next.
enum class verdict : std::uint8_t {
    transient,  ///< It did not happen. Retry the same call later.
    in_doubt,   ///< It may have happened. Retry only through an idempotent path.
    rejected,   ///< It can never happen for this message. Keep it with its reason.
    fatal,      ///< This holder must stop: fenced, or set up in a way that cannot work.
};

/// Why an operation failed.
struct failure {
    verdict next;
    std::string message;  ///< One sentence, then a hint that names what to change.
    std::string origin;   ///< Machine-readable: "sqlstate:40001", "kafka:_MSG_TIMED_OUT".
    std::source_location where = std::source_location::current();
};

/// A value or the reason why there is none.
template <class T>
class [[nodiscard]] result {
public:
    result(T value) : state_(std::move(value)) {}    // NOLINT(google-explicit-constructor)
    result(failure why) : state_(std::move(why)) {}  // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return std::holds_alternative<T>(state_); }
    T& operator*() & { return std::get<T>(state_); }
    const T& operator*() const& { return std::get<T>(state_); }
    T&& operator*() && { return std::get<T>(std::move(state_)); }
    T* operator->() { return &std::get<T>(state_); }
    const T* operator->() const { return &std::get<T>(state_); }
    [[nodiscard]] const failure& error() const { return std::get<failure>(state_); }

private:
    std::variant<T, failure> state_;
};

/// Success without a value.
using done = std::monostate;

}  // namespace onceward
