#pragma once

/// @file
/// Waiting that a stop ends.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace onceward::relay_core {

/// Returns after `length`, or as soon as `stop` is asked for.
inline void pause(const std::stop_token& stop, std::chrono::milliseconds length) {
    std::mutex guard;
    std::unique_lock lock(guard);
    std::condition_variable_any never;
    never.wait_for(lock, stop, length, [] { return false; });
}

}  // namespace onceward::relay_core
