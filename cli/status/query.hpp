#pragma once

/// @file
/// Reads the facts from a database. The role onceward_monitor is enough.

#include <string>

#include "onceward/result.hpp"
#include "pg/connection.hpp"
#include "status/facts.hpp"

namespace onceward::cli {

/// Reads only, and leaves sequential scans off in the session. Where the schema is older than this
/// program, only its version is read.
result<facts> read_facts(pg::connection& c, const std::string& schema);

}  // namespace onceward::cli
