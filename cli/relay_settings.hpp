#pragma once

/// @file
/// The options of `onceward relay`: the table, and how its values become relay_options.

#include "onceward/relay.hpp"
#include "options/option_set.hpp"
#include "secrets.hpp"

namespace onceward::cli {

/// A row for every field of relay_options, with that field's default.
options::table relay_rows();

/// What may hold secrets comes in `to`.
relay_options relay_options_of(const options::values& values, const endpoints& to);

}  // namespace onceward::cli
