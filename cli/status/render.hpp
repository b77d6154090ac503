#pragma once

/// @file
/// The facts and problems for people and for scripts. Pure.

#include <string>
#include <vector>

#include "status/facts.hpp"

namespace onceward::cli {

/// "12", or "10000+" where counting stopped.
std::string as_text(bounded_count n);

std::string render_text(const facts& f, const std::vector<problem>& problems);

/// Two lines each: what, and what to do.
std::string render_problems(const std::vector<problem>& problems);

/// One JSON object: schema, shards, inbox, problems, well.
std::string render_json(const facts& f, const std::vector<problem>& problems);

}  // namespace onceward::cli
