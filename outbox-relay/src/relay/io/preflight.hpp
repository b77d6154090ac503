#pragma once

/// @file
/// What must be true before a relay starts; each problem with its remedy.

#include <string>
#include <vector>

#include "onceward/relay.hpp"

namespace onceward::relay_core {

/// @return Empty, or one sentence a problem.
std::vector<std::string> find_problems(const relay_options& options);

}  // namespace onceward::relay_core
