#pragma once

/// @file
/// Where PostgreSQL's server programs are on this machine.

#include <filesystem>
#include <vector>

namespace onceward::dev {

/// Folders that may hold initdb and postgres, best first: ONCEWARD_POSTGRES_BIN alone where it is
/// set; else what `pg_config --bindir` says, Debian's /usr/lib/postgresql/N/bin (newest first),
/// other usual places, PATH.
std::vector<std::filesystem::path> postgres_bin_candidates();

/// The first of `candidates` that has both initdb and postgres.
/// @throws std::runtime_error  None has; the message says how to install them.
std::filesystem::path postgres_bin(
    const std::vector<std::filesystem::path>& candidates = postgres_bin_candidates());

}  // namespace onceward::dev
