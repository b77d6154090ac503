#pragma once

/// @file
/// Brings a database's schema to the version that this program was built with.
///
/// Migrations are the embedded files sql/migrations/NNNN_name.up.sql. Each is applied once, in a
/// transaction of its own, together with its row in `schema_version`. Runs are serialised by an
/// advisory lock, so that any number of processes may migrate at once.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::pg {

enum class migration_state : std::uint8_t {
    pending,  ///< Not applied.
    applied,
    changed,  ///< Applied, but from a file with another content: somebody edited a released file.
    unknown,  ///< Applied by a newer program; this one has no such file.
};

std::string_view to_string(migration_state s);

struct migration {
    int version = 0;
    std::string name{};
    migration_state state = migration_state::pending;
    std::string applied_at{};  ///< As the server writes it; empty while pending.
    std::string applied_by{};  ///< The database role.
};

struct migrate_options {
    std::string schema = "onceward";
    /// How long a migration waits for a table that others use, before it gives up and changes
    /// nothing. While it waits, everyone else who comes to that table waits behind it.
    std::chrono::milliseconds lock_timeout{5'000};
    /// How long to wait for another process that is migrating the same schema.
    std::chrono::milliseconds turn_timeout{60'000};
};

/// The version that a database needs for this program, that of the newest embedded migration.
int required_schema_version();

/// The newest version applied to the database; 0 when there is none.
result<int> current_version(connection& c, const std::string& schema);

/// All migrations, by version: those of this program and those found in the database. Reads only.
result<std::vector<migration>> migration_status(connection& c, const std::string& schema);

/// Applies what is pending.
/// @return Those that this call has applied; empty when there was nothing to do.
///         A failure names the migration that was rolled back; those before it stay applied. A
///         `changed` migration is a `fatal` failure, and nothing is applied then.
result<std::vector<migration>> migrate_up(connection& c, const migrate_options& options);

}  // namespace onceward::pg
