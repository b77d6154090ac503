#pragma once

/// @file
/// `onceward config show`: every value in force and where it came from. Secrets are masked.

#include <string>

#include "options/option_set.hpp"

namespace onceward::cli {

/// YAML; with `origin`, a comment behind each value says where it came from.
std::string show_yaml(const options::table& rows, const options::values& values, bool origin);

/// {"lease-ttl": {"value": "10s", "origin": "file", "place": "onceward.yaml:3:1"}, ...}
std::string show_json(const options::table& rows, const options::values& values);

}  // namespace onceward::cli
