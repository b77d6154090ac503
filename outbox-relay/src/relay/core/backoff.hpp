#pragma once

/// @file
/// How long to pause before trying again.

#include <algorithm>
#include <chrono>

namespace onceward::relay_core {

/// Doubles from `min` to `max`; `reset` after a success.
class backoff {
public:
    using duration = std::chrono::milliseconds;

    backoff(duration min, duration max) : min_(min), max_(max), next_(min) {}

    duration pause() {
        const duration now = next_;
        next_ = std::min(next_ * 2, max_);
        return now;
    }
    void reset() { next_ = min_; }

private:
    duration min_;
    duration max_;
    duration next_;
};

}  // namespace onceward::relay_core
