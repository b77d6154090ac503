#pragma once

/// @file
/// A topic without its repeats.

#include <string>
#include <vector>

#include "kafka/topic_reader.hpp"

namespace onceward::test {

/// Reads on until `count` different payloads have been read, or a minute is over.
/// @return The payloads in their order, each where it is first seen: a restart of the relay may
///         repeat some.
std::vector<std::string> first_seen(topic_reader& reader, std::size_t count);

}  // namespace onceward::test
