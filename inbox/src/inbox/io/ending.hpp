#pragma once

/// @file
/// How a transaction of the inbox ended, and what follows from an exception in it.

#include <cstdint>
#include <exception>
#include <string>

#include "inbox/core/refusal.hpp"
#include "inbox/io/inbound.hpp"

namespace onceward::inbox_io {

/// What a committed batch did.
struct tally {
    std::uint64_t applied = 0;
    std::uint64_t duplicates = 0;  ///< Old replays too.
    std::uint64_t quarantined = 0;
    std::uint64_t dead_lettered = 0;
};

/// Except after `committed` nothing has changed, or it is in doubt.
struct ending {
    enum class kind : std::uint8_t {
        committed,  ///< `next_off` is the position, `did` what this transaction did.
        was_there,  ///< The batch in doubt had committed, up to `next_off`.
        fenced,     ///< Another owner has the partition.
        for_now,    ///< Rolled back; try again.
        for_good,   ///< Rolled back; it fails again.
        in_doubt,   ///< The connection broke in COMMIT; `next_off` and `did` if it committed.
    } how = kind::for_now;
    std::int64_t next_off = 0;
    tally did{};
    inbox_core::refusal why{};  ///< For the person who looks at inbox_position or inbox_dead.
    std::string origin{};       ///< For the log.
    bool session_lost = false;
};

/// @param in_hand     The message whose turn it was; null: none.
/// @param committing  Whether it came out of COMMIT.
/// @param open        Whether the session is still there.
ending ending_of(const std::exception_ptr& thrown, const inbound* in_hand, bool committing,
                 bool open);

}  // namespace onceward::inbox_io
