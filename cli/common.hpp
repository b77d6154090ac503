#pragma once

/// @file
/// What several commands share: how to reach the database, how to log.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "log/logger.hpp"
#include "options/option_set.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// `first`, then `second`.
options::table joined(options::table first, const options::table& second);

/// --database and --schema.
options::table connection_rows();

/// --log-format and --log-level.
options::table log_rows();

std::unique_ptr<log::logger> make_logger(const options::values& values);

/// Whether a libpq URI or key=value string holds a password.
bool holds_password(const std::string& conninfo);

/// A sentence for a user who gave the database's password as a flag, where any other user of the
/// machine can read it in the list of processes; empty when there is nothing to say.
std::string password_warning(const options::values& values);

/// --schema.
/// @throws stop_with  It is no identifier.
std::string schema_of(const options::values& values);

/// A session for a command that looks or migrates, whose statements are bounded by `timeout_s`.
/// @throws stop_with  It cannot be had: unavailable.
pg::connection connect(const options::values& values, int timeout_s);

/// `text` as one word for a POSIX shell.
std::string shell_quoted(std::string_view text);

}  // namespace onceward::cli
