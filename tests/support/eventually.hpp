#pragma once

/// @file
/// Waiting in tests: for a condition, never for a time.

#include <chrono>
#include <thread>

namespace onceward::test {

/// Asks `condition` again and again until it says yes.
/// @return False when it has not within `bound`.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition,
                              std::chrono::milliseconds bound = std::chrono::seconds{20}) {
    const auto deadline = std::chrono::steady_clock::now() + bound;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{5});  // between two looks
    }
    return true;
}

}  // namespace onceward::test
