#pragma once

/// @file
/// Brings a database's schema to another version, up or down.
///
/// Each migration runs in a transaction of its own and records itself in `schema_version`, so that
/// a file that was run with psql or another tool counts as well. Runs are serialised by an advisory
/// lock: any number of processes may migrate at once.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/result.hpp"
#include "pg/connection.hpp"
#include "pg/migration_files.hpp"

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
    std::optional<int> to{};  ///< The version to arrive at; empty: this program's own.
    /// How long a migration waits for a table that others use, before it gives up and changes
    /// nothing. While it waits, everyone else who comes to that table waits behind it.
    std::chrono::milliseconds lock_timeout{5'000};
    /// How long to wait for another process that is migrating the same schema.
    std::chrono::milliseconds turn_timeout{60'000};
    /// Down only: go on although something is lost that is nowhere else.
    bool accept_losses = false;
};

/// The newest version applied to the database; 0 when there is none.
result<int> current_version(connection& c, const std::string& schema);

/// All migrations, by version: those of this program and those found in the database. Reads only.
result<std::vector<migration>> migration_status(connection& c, const std::string& schema);

/// Why nothing may be migrated: an edited migration. @return Empty when all is well.
std::optional<failure> changed_migration(const std::vector<migration>& all);

/// Of `all`, those that `migrate_up` would apply, in that order.
std::vector<migration> to_apply(const std::vector<migration>& all, std::optional<int> to);

/// Of `all`, those that `migrate_down` would take back, in that order: the newest first.
std::vector<migration> to_take_back(const std::vector<migration>& all, int to);

/// What would be lost by going down to version `to`, one sentence each. Reads only.
result<std::vector<std::string>> losses(connection& c, const std::string& schema, int to);

/// Applies what is pending.
/// @return Those that this call has applied; empty when there was nothing to do.
///         A failure names the migration that was rolled back; those before it stay applied. A
///         `changed` migration is a `fatal` failure, and nothing is applied then.
result<std::vector<migration>> migrate_up(connection& c, const migrate_options& options);

/// Takes the newest migrations back until the schema has version `options.to`. All in one
/// transaction, together with the look at what is lost: nobody can add to it meanwhile.
/// @return Those that this call has taken back. A failure changes nothing; its origin is
///         "migration:losses" where something would be lost that was not accepted.
result<std::vector<migration>> migrate_down(connection& c, const migrate_options& options);

/// The SQL that the program would run, for people and other tools: a transaction a migration, each
/// bounded by the lock timeout.
std::string up_script(const std::vector<migration>& all, const migrate_options& options);
std::string down_script(const std::vector<migration>& all, const migrate_options& options);

}  // namespace onceward::pg
