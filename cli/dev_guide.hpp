#pragma once

/// @file
/// How to reach what `onceward dev` has started: for people, and for scripts.

#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

namespace onceward::cli {

struct dev_address {
    std::string brokers;
    bool embedded_broker = true;
    /// Name and conninfo through the Unix socket, in the order in which they were asked for.
    std::vector<std::pair<std::string, std::string>> databases;
    std::string tcp;       ///< conninfo through TCP, of the first database.
    std::string log_file;  ///< Of the server.
    pid_t pid = 0;         ///< Of `onceward dev`.
};

/// What is printed: psql lines, brokers, variables to export.
std::string guide_text(const dev_address& a);

/// The state file: {"brokers", "databases": {name: conninfo}, "pid", ...}.
std::string guide_json(const dev_address& a);

}  // namespace onceward::cli
