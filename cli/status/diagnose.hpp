#pragma once

/// @file
/// Which of the facts a person has to look at, and what to do. Pure.

#include <vector>

#include "status/facts.hpp"

namespace onceward::cli {

/// Events that wait longer than this while a relay holds the lease are a problem.
inline constexpr double slow_after_s = 60;

/// @return Empty when all is well.
std::vector<problem> diagnose(const facts& f);

}  // namespace onceward::cli
