#pragma once

/// @file
/// Values of columns in PostgreSQL's binary form, which COPY and pgoutput share.

#include <cstdint>
#include <string_view>

#include "relay/core/wire_reader.hpp"

namespace onceward::relay_core {

/// A timestamp in binary counts microseconds from 2000-01-01 UTC; this many after 1970 began.
inline constexpr std::int64_t year_2000_us = 946'684'800'000'000;

/// A bigint or an xid8: 8 bytes.
inline std::uint64_t number_of(std::string_view bytes) {
    return wire_reader(bytes).number<std::uint64_t>();
}

/// Milliseconds since 1970 of a timestamptz.
inline std::int64_t unix_ms(std::string_view bytes) {
    return (static_cast<std::int64_t>(number_of(bytes)) + year_2000_us) / 1000;
}

}  // namespace onceward::relay_core
