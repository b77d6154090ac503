#pragma once

/// @file
/// What a topic must be like for the outbox that publishes to it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "finding.hpp"
#include "kafka/admin.hpp"

namespace onceward::cli {

/// A topic that an outbox uses.
struct used_topic {
    std::string name{};
    std::optional<int> pinned{};  ///< The partition count that it had at first.
    bool recent = true;           ///< Among the newest events, or asked for; else only pinned.
};

/// What is wrong with a topic, each with its remedy.
/// @param found    Empty: it does not exist.
/// @param brokers  For the remedies' command lines.
std::vector<finding> judge(const used_topic& topic,
                           const std::optional<kafka::topic_description>& found,
                           const std::string& brokers);

}  // namespace onceward::cli
