#pragma once

/// @file
/// Where a partition's reading begins, and whether what is to be read is still there.

#include <cstdint>
#include <string>

namespace onceward::inbox_core {

/// What Kafka holds of a partition: offsets from `begin` up to, not including, `end`.
struct log_range {
    std::int64_t begin = 0;
    std::int64_t end = 0;
};

/// Why nobody may read on from `next_off`, as a sentence with the remedy.
///
/// An end before the position means that the topic was made anew or lost its tail: other messages
/// may stand at offsets that count as applied. Ask twice before believing it, since a new leader's
/// answer may be behind for a moment.
/// @return Empty when the position lies within the log.
std::string why_not_resume(std::int64_t next_off, log_range log);

}  // namespace onceward::inbox_core
