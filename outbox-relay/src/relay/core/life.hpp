#pragma once

/// @file
/// The failure of a capture whose lease's proof of life is gone.

#include "onceward/result.hpp"

namespace onceward::relay_core {

inline failure life_is_gone() {
    return {.next = verdict::fatal,
            .message =
                "the server has crashed or failed over since the lease was taken; "
                "starting again at the stored cursor",
            .origin = "fenced"};
}

}  // namespace onceward::relay_core
