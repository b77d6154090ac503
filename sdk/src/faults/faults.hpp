#pragma once

/// @file
/// Crash points and planted bugs, for the project's own crash runs. Compiled in only where CMake's
/// ONCEWARD_FAULTS is on; otherwise both are constants and vanish.

#include <string_view>

namespace onceward::faults {

#ifdef ONCEWARD_FAULTS

/// Kills this process with SIGKILL here when ONCEWARD_CRASH names the point: a comma-separated
/// list of `point:probability`, such as `relay.after_produce:0.01`.
void crash_point(std::string_view point);

/// Whether ONCEWARD_PLANT names this bug. The checkers must catch each.
bool planted(std::string_view bug);

#else

inline void crash_point(std::string_view) {}
constexpr bool planted(std::string_view) {
    return false;
}

#endif

}  // namespace onceward::faults
