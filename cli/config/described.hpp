#pragma once

/// @file
/// The commands and their options, as data to write about.

#include <string>
#include <vector>

#include "options/option.hpp"

namespace onceward::cli {

struct described_subcommand {
    std::string name;  ///< "migrate up"
    std::string effect;
};

/// What belongs to one call.
struct described_switch {
    std::string of;    ///< "migrate up"
    std::string name;  ///< "--to VERSION"
    std::string effect;
};

struct described_command {
    std::string name;
    std::string summary;
    options::table rows;
    bool reads_file = true;
    std::vector<described_subcommand> subcommands{};
    std::vector<described_switch> switches{};
};

using described_commands = std::vector<described_command>;

/// The rows that may stand in the configuration file, each once.
/// @throws std::logic_error  Two commands disagree about a row, a bug of ours.
options::table rows_of_file(const described_commands& all);

/// The names of the commands that read the row from the file.
std::vector<std::string> readers_of(const options::option& row, const described_commands& all);

/// What may be left out of the file's line, as a user would write it: "10s", "[]".
std::string written_default(const options::option& row);

}  // namespace onceward::cli
