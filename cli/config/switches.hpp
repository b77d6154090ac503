#pragma once

/// @file
/// What the commands take beside the options of the table: subcommands, switches, values of one
/// call.

#include "config/described.hpp"

namespace CLI {
class App;
}

namespace onceward::cli {

/// Describes the subcommands and switches of each command in `all`.
/// @param program  All commands, declared.
void add_switches(described_commands& all, const CLI::App& program);

}  // namespace onceward::cli
