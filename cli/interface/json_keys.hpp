#pragma once

/// @file
/// The keys of everything that is printed or answered as JSON, found by printing it.

#include <string>
#include <vector>

namespace onceward::cli {

struct json_output {
    std::string from;               ///< "`onceward status --json`"
    std::vector<std::string> keys;  ///< "shards[].paused.reason", in the order of printing.
};

/// The keys of a JSON text; the elements of a list count together. A key in capitals stands for a
/// name that only a run knows.
std::vector<std::string> keys_of(const std::string& json_text);

/// Each kind of output once, from samples in which nothing is left out.
std::vector<json_output> json_outputs();

}  // namespace onceward::cli
