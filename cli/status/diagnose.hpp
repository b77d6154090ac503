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

/// What keeps a container of the relay from being healthy: no schema, a shard that no relay holds
/// or that is stopped. A backlog, a pause or a message that waits for a decision is none of it.
std::vector<problem> unready(const facts& f);

}  // namespace onceward::cli
