#pragma once

/// @file
/// Databases for tests: one server a process, a fresh database a test.

#include <string>
#include <vector>

#include "dev/private_postgres.hpp"
#include "pg/connection.hpp"

namespace onceward::test {

/// This process's PostgreSQL, started at the first call. Without fsync: a test of crashes makes
/// a private_postgres of its own.
dev::private_postgres& server();

/// As server(), but with fsync, which the relay and the doctor ask for.
dev::private_postgres& durable_server();

/// The conninfo of a new, empty database.
std::string empty_database(dev::private_postgres& on = server());

/// The conninfo of a new database with all migrations applied.
std::string migrated_database(dev::private_postgres& on = server());

/// The versions of all migrations, ascending. Numbers may be missing while several changes are on
/// their way.
std::vector<int> migration_versions();

/// A session. Fails the test (by an exception) when there is none.
pg::connection connect(const std::string& conninfo);

/// The conninfo of a new login role that has been granted `roles`, separated by commas, and nothing
/// else.
std::string login_in(const std::string& conninfo, const std::string& roles);

/// A session of a new login role that has been granted `role` and nothing else.
pg::connection connect_as(const std::string& conninfo, const std::string& role);

/// Runs one statement.
/// @return The first column of the first row; empty when there is none or it is null.
/// @throws std::runtime_error  The statement failed.
std::string value_of(pg::connection& c, const std::string& sql);

/// The SQLSTATE with which a statement fails; empty when it succeeds. Leaves nothing behind: runs
/// in a transaction that is rolled back.
std::string sqlstate_of(pg::connection& c, const std::string& sql);

}  // namespace onceward::test
