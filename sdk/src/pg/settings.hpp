#pragma once

/// @file
/// Settings of the server that a user of a session needs, as statements.

#include <string>
#include <vector>

namespace onceward::pg {

/// Such as {"statement_timeout", "30s"}; a list is one value: {"search_path", "pg_catalog,
/// pg_temp"}.
struct setting {
    std::string name;
    std::string value;
};
using settings = std::vector<setting>;

/// How long a setting is in force.
enum class scope { session, transaction };

/// One SELECT that puts all of them in force; empty where there are none. The last of a name wins.
std::string settings_sql(const settings& all, scope within);

}  // namespace onceward::pg
