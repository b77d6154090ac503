#pragma once

/// @file
/// UUIDv7 (RFC 9562, 5.7) as a pure function: the clock and the dice are the caller's.

#include <cstdint>

#include "onceward/message_id.hpp"

namespace onceward {

/// 74 random bits.
struct uuid7_random {
    std::uint16_t a = 0;  ///< 12 bits are used.
    std::uint64_t b = 0;  ///< 62 bits are used.
};

/// The id made at `unix_ms`, a 48-bit number of milliseconds since 1970.
message_id make_uuid7(std::uint64_t unix_ms, uuid7_random dice);

/// Makes ids that grow within one process, also when the clock stands still or steps back.
///
/// The 12 bits after the time count within a millisecond (RFC 9562, 6.2, method 1); when they run
/// out, the time is moved ahead by a millisecond.
class uuid7_sequence {
public:
    message_id next(std::uint64_t unix_ms, uuid7_random dice);

private:
    std::uint64_t last_ms_ = 0;
    std::uint16_t count_ = 0;
};

}  // namespace onceward
