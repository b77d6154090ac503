#pragma once

/// @file
/// What `onceward relay pause` and the admin port answer, as JSON.

#include <cstdint>
#include <string>

#include "pause/pause.hpp"

namespace onceward::cli {

std::string pause_json(std::int64_t shard, const shard_pause& p);

/// @param changed  Whether it was paused.
std::string resume_json(std::int64_t shard, bool changed);

}  // namespace onceward::cli
