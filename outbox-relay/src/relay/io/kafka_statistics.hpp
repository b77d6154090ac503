#pragma once

/// @file
/// What librdkafka's statistics say: whether a broker is reached, and figures of the client. Pure.

#include <optional>
#include <string_view>

#include "onceward/relay.hpp"

namespace onceward::relay_core {

struct kafka_look {
    relay_connection reach{};  ///< `unknown` when it cannot be read.
    std::optional<relay_kafka> figures{};
};

/// @param statistics  librdkafka's STATISTICS.md, as JSON.
kafka_look read_statistics(std::string_view statistics);

}  // namespace onceward::relay_core
