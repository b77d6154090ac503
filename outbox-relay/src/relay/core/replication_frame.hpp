#pragma once

/// @file
/// What the two sides of a replication stream send each other around the decoded changes
/// (PostgreSQL documentation, "Streaming Replication Protocol").

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "onceward/result.hpp"
#include "relay/core/wire_reader.hpp"

namespace onceward::relay_core {

/// A decoded change of the WAL.
struct wal_data {
    std::string_view payload;  ///< Points into the frame.
};

/// Says how far the server has looked, whether or not it found something for us.
struct keepalive {
    lsn wal_end = 0;  ///< Everything before it was sent.
    bool reply_now = false;
};

using replication_frame = std::variant<wal_data, keepalive>;

/// @return `fatal` when the bytes are no such frame.
result<replication_frame> parse_frame(std::string_view bytes);

/// The client's answer: what it has taken, and how much of it the server may forget.
/// @param flushed  The slot is asked for nothing before it any more.
/// @param unix_us  The client's clock.
std::string standby_status(lsn taken, lsn flushed, std::int64_t unix_us);

/// A place as the server writes it, such as `0/2E3EB30`.
std::string to_string(lsn place);

/// @return 0, which is no place, when the text is not one.
lsn parse_lsn(std::string_view text);

}  // namespace onceward::relay_core
