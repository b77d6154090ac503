#pragma once

/// @file
/// Rows of events as PostgreSQL sends them in binary.

#include <span>
#include <string_view>

#include "pg/connection.hpp"
#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// The columns that a row of events must have, in this order.
inline constexpr std::string_view event_columns =
    "seq, created_at, id, topic, type, key, payload, content_type, headers::text";
inline constexpr std::size_t event_fields = 9;

inline std::string_view text_of(const pg::binary_field& f) {
    return {f.data, f.size};
}

/// A chunk that takes rows until a bound is reached.
class bounded_chunk {
public:
    bounded_chunk(std::size_t events_max, std::size_t bytes_max);

    /// Copies a row with the `event_columns`.
    /// @return False when no more are wanted. The number of rows is the statement's to bound:
    ///         only too many bytes are worth a cancel request.
    bool take(std::span<const pg::binary_field> fields);
    [[nodiscard]] bool full() const {
        return chunk_.events.size() >= events_max_ || bytes_ >= bytes_max_;
    }
    chunk release() { return std::move(chunk_); }

private:
    chunk chunk_;
    std::size_t bytes_ = 0;
    std::size_t events_max_;
    std::size_t bytes_max_;
};

}  // namespace onceward::relay_core
