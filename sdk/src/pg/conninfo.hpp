#pragma once

/// @file
/// libpq's connection strings, taken apart and put together.

#include <map>
#include <optional>
#include <string>

namespace onceward::pg {

/// By keyword, as in `host`.
using conninfo_parameters = std::map<std::string, std::string>;

/// What a libpq URI or key=value string says, empty values included.
/// @return Empty when libpq cannot read it. Its own message quotes the string, which may hold a
///         password, and is not handed on.
std::optional<conninfo_parameters> parse_conninfo(const std::string& conninfo);

/// As a key=value string.
std::string conninfo_of(const conninfo_parameters& all);

}  // namespace onceward::pg
