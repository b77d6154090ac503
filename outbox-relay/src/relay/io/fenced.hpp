#pragma once

/// @file
/// The failure of a holder who has lost its lease.

#include "onceward/result.hpp"

namespace onceward::relay_core {

inline failure fenced() {
    return {.next = verdict::fatal,
            .message = "the lease was taken by another relay, or the server has crashed since",
            .origin = "fenced"};
}

}  // namespace onceward::relay_core
