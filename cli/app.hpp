#pragma once

/// @file
/// The command line of `onceward`.

namespace onceward::cli {

/// Runs the command that the arguments name.
/// @return The exit code; nothing is thrown.
int run(int argc, char** argv);

}  // namespace onceward::cli
