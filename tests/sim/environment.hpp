#pragma once

/// @file
/// What every part of the simulated world shares.

#include <cstdint>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "coverage.hpp"
#include "dice.hpp"
#include "plant.hpp"
#include "swarm.hpp"
#include "witness.hpp"

namespace onceward::sim {

struct environment {
    environment(std::uint64_t seed, plant planted)
        : random(seed), faults(swarm::of(random)), bug(planted) {}

    dice random;
    swarm faults;
    const plant bug;
    std::int64_t now = 1'000;  ///< Milliseconds; the databases' clock.
    coverage seen;
    witness truth{seen};

    bool tracing = false;
    /// Tells what happens, for a person who replays a seed.
    template <class... Args>
    void trace(fmt::format_string<Args...> format, Args&&... args) const {
        if (!tracing) return;
        fmt::print("{:>6}  {}\n", now, fmt::format(format, std::forward<Args>(args)...));
    }

    /// Lets the others do something in the middle of a statement.
    std::function<void()> interleave = [] {};
    /// Lets the others go on for so many milliseconds, while the caller stands still.
    std::function<void(std::int64_t)> stand_still = [](std::int64_t) {};
};

/// Thrown through a process's frames when it is killed in the middle of something.
struct process_killed {};

}  // namespace onceward::sim
