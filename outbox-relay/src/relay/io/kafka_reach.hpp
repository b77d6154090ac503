#pragma once

/// @file
/// Whether a broker is reached, from librdkafka's statistics. Pure.

#include <string_view>

#include "onceward/relay.hpp"

namespace onceward::relay_core {

/// @param statistics  librdkafka's STATISTICS.md, as JSON.
/// @return `unknown` when it cannot be read.
relay_connection kafka_reach(std::string_view statistics);

}  // namespace onceward::relay_core
