#pragma once

/// @file
/// `onceward config example`: a configuration file with every option.

#include <string>

#include "config/described.hpp"

namespace onceward::cli {

/// YAML. What has no default that could work is set, all else stands there as a comment.
std::string example_yaml(const described_commands& all);

}  // namespace onceward::cli
