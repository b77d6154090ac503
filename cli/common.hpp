#pragma once

/// @file
/// What several commands share: how to reach the database, how to log.

#include <string>
#include <string_view>

#include "log/logger.hpp"
#include "options/option_set.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// `first`, then `second`.
options::table joined(options::table first, const options::table& second);

/// --database, --database-password-file, --schema and --outbox.
options::table connection_rows();

/// --log-format and --log-level.
options::table log_rows();

struct log_settings {
    log::format format = log::format::automatic;
    log::level least = log::level::info;
};
log_settings log_settings_of(const options::values& values);

/// --schema.
/// @throws stop_with  It is no identifier.
std::string schema_of(const options::values& values);

/// A session for a command that looks or migrates, whose statements are bounded by `timeout_s`.
/// @throws stop_with  It cannot be had: unavailable.
pg::connection connect(const options::values& values, int timeout_s);

/// `text` as one word for a POSIX shell.
std::string shell_quoted(std::string_view text);

}  // namespace onceward::cli
