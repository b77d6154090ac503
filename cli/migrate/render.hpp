#pragma once

/// @file
/// What `onceward migrate` prints.

#include <string>
#include <vector>

#include "pg/migrator.hpp"

namespace onceward::cli {

/// What a report's changes are called in JSON.
namespace changes {
inline constexpr const char* applied = "applied";
inline constexpr const char* pending = "pending";
inline constexpr const char* taken_back = "taken_back";
inline constexpr const char* would_take_back = "would_take_back";
}  // namespace changes

/// What stays after the call, and what the call has changed or would change.
struct migrate_report {
    std::vector<pg::migration> all;
    std::vector<pg::migration> changes{};
    std::string changes_name{};         ///< One of the above; empty: the call only looked.
    std::vector<std::string> losses{};  ///< Of a way down.
};

std::string migrations_json(const migrate_report& r);

/// A line a migration.
std::string migrations_text(const std::vector<pg::migration>& all);

/// A line a change, each after `verb`, such as "would apply".
std::string changes_text(const migrate_report& r, const std::string& verb);

}  // namespace onceward::cli
