#pragma once

/// @file
/// The doctor's look at a database. Only reads.

#include <chrono>
#include <string>
#include <vector>

#include "doctor/report.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// What a difference of clocks means. `off` is how far the server's is ahead of ours, known to
/// within `error`.
std::vector<finding> judge_clock(std::chrono::milliseconds off, std::chrono::milliseconds error);

/// All checks of a database. Where the schema does not fit this program, those that look into it
/// are left out: the first finding would only be repeated.
std::vector<section> examine_database(pg::connection& c, const std::string& schema);

}  // namespace onceward::cli
