#pragma once

/// @file
/// How long to wait before the next try.

#include <chrono>

namespace onceward::inbox_core {

/// Exponential backoff with jitter, so that many consumers do not come back in step.
class retry {
public:
    using ms = std::chrono::milliseconds;

    /// @param least  Pause after the first failure, above 0.  @param most  The longest, >= least.
    retry(ms least, ms most) : least_(least), most_(most) {}

    /// Fact: a try failed. There is no last one: infrastructure comes back some day.
    /// @param dice  From [0, 1).
    /// @return The pause: half of the present step, and a random part of the other half.
    ms failed(double dice);

    /// Fact: a try succeeded.
    void succeeded() { failures_ = 0; }

    [[nodiscard]] int failures() const { return failures_; }

private:
    ms least_;
    ms most_;
    int failures_ = 0;
};

}  // namespace onceward::inbox_core
