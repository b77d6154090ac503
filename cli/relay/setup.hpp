#pragma once

/// @file
/// What `onceward relay` is to do, from the values in force.

#include <string>
#include <vector>

#include "onceward/relay.hpp"
#include "options/option_set.hpp"

namespace onceward::cli {

struct relay_setup {
    relay_options options;
    std::vector<std::string> warnings;  ///< Sentences for the log: what works but should not be so.
};

/// @throws stop_with  Something is missing or cannot be used.
relay_setup relay_setup_of(const options::values& values);

}  // namespace onceward::cli
