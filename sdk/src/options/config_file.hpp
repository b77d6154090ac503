#pragma once

/// @file
/// The configuration file: YAML, read into a flat list of settings with their lines and columns.

#include <string>
#include <string_view>
#include <vector>

#include "options/option.hpp"

namespace onceward::options {

/// One key with its value. Nested maps are dotted keys: `kafka: {linger.ms: 5}`, `kafka.linger.ms:
/// 5` and `kafka: {linger: {ms: 5}}` are the same.
struct setting {
    std::string key;
    std::vector<std::string> items{};  ///< One, those of a list, or none where nothing is written.
    bool is_list = false;
    int line = 0;
    int column = 0;
};

struct config_file {
    std::string name{};  ///< For messages.
    std::vector<setting> settings{};
};

/// "onceward.yaml:3:1"
std::string place_of(const config_file& file, const setting& s);

/// @throws bad_option  It is no YAML, no map, deeper than 8 maps, or gives a key twice; the message
///                     names line and column.
config_file parse_config(std::string name, const std::string& text);

/// What is wrong with the file for these rows: keys that no row knows, values that a row refuses.
/// @return A sentence each, in the file's order.
std::vector<std::string> problems_in(const config_file& file, const table& rows);

/// The row that a key sets: its own name, or for properties a name below theirs. Null: none.
const option* row_of(std::string_view key, const table& rows);

}  // namespace onceward::options
