#pragma once

/// @file
/// What stands in a message of librdkafka's, in our own memory.

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "onceward/event.hpp"

namespace onceward::kafka {

/// A key or a value; empty where there is none, which is not the same as one of no bytes.
std::optional<std::string> bytes_of(const void* data, std::size_t size);

/// All headers, in their order.
std::vector<header> headers_of(const rd_kafka_message_t& m);

}  // namespace onceward::kafka
