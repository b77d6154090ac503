#pragma once

/// @file
/// What librdkafka is told: the user's properties, ours where the user says nothing, and those that
/// the guarantees rest on.

#include <cstdint>
#include <optional>
#include <string>

#include "kafka/config.hpp"
#include "onceward/relay.hpp"

namespace onceward::relay_core {

/// @param one_by_one  A batch holds one message, to find the one that brokers refuse.
result<kafka::rd_conf> producer_config(const relay_options& options, bool one_by_one,
                                       std::optional<std::int64_t> batch_bytes_max);

/// Tries the properties on a producer that connects nowhere: names, values, certificates and keys.
/// @return Empty when librdkafka takes them.
std::string problem_with_properties(const relay_options& options);

}  // namespace onceward::relay_core
