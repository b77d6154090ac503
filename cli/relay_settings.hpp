#pragma once

/// @file
/// The options of `onceward relay`: the table, and how its values become relay_options.

#include <map>
#include <string>

#include "onceward/relay.hpp"
#include "options/option_set.hpp"

namespace onceward::cli {

/// A row for every field of relay_options, with that field's default.
options::table relay_rows();

/// `kafka` is read apart, see kafka_properties.hpp.
relay_options relay_options_of(const options::values& values,
                               std::map<std::string, std::string> kafka);

}  // namespace onceward::cli
