#pragma once

/// @file
/// How a command ends, after sysexits.h where that has a name for it.

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace onceward::cli {

enum exit_code : int {
    exit_ok = 0,
    exit_problems = 1,  ///< The command ran, and what it looked at is not well.
    exit_usage = 64,    ///< The command line is wrong, a value on it included.
    exit_unavailable =
        69,  ///< PostgreSQL, Kafka or the admin port cannot be had; the same call may work later.
    exit_internal = 70,   ///< A bug of ours, or a machine out of resources.
    exit_temporary = 75,  ///< Stopped before all was done; the next start goes on from there.
    exit_config = 78,     ///< Set up in a way that cannot work: it makes no sense to start again.
    exit_interrupted = 130,  ///< A second Ctrl-C: at once, without an end to what was under way.
};

struct exit_code_meaning {
    exit_code code;
    std::string_view meaning;
};

inline constexpr std::array exit_codes{
    exit_code_meaning{exit_ok, "well"},
    exit_code_meaning{exit_problems, "the command ran, and what it looked at is not well"},
    exit_code_meaning{exit_usage, "wrong command line, a value on it included"},
    exit_code_meaning{
        exit_unavailable,
        "PostgreSQL, Kafka or the admin port cannot be had; the same call may work later"},
    exit_code_meaning{exit_internal, "internal error, or a machine out of resources"},
    exit_code_meaning{exit_temporary,
                      "stopped before all was done; the next start goes on from there"},
    exit_code_meaning{exit_config, "wrong set-up: it makes no sense to start again as it is"},
    exit_code_meaning{exit_interrupted, "ended at once by a second Ctrl-C"},
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
