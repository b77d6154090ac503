#pragma once

/// @file
/// How a command ends, after sysexits.h where that has a name for it.

#include <stdexcept>
#include <string>

namespace onceward::cli {

enum exit_code : int {
    exit_ok = 0,
    exit_problems = 1,  ///< The command ran, and what it looked at is not well.
    exit_usage = 64,    ///< The command line is wrong, a value on it included.
    exit_unavailable =
        69,               ///< PostgreSQL or Kafka cannot be reached; the same call may work later.
    exit_internal = 70,   ///< A bug of ours, or a machine out of resources.
    exit_temporary = 75,  ///< Stopped before all was done; the next start goes on from there.
    exit_config = 78,     ///< Set up in a way that cannot work: it makes no sense to start again.
};

/// Ends the command with a message for its user and a code.
class stop_with : public std::runtime_error {
public:
    stop_with(exit_code code, const std::string& message)
        : std::runtime_error(message), code_(code) {}
    [[nodiscard]] exit_code code() const { return code_; }

private:
    exit_code code_;
};

}  // namespace onceward::cli
