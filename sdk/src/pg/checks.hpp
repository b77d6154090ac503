#pragma once

/// @file
/// Looks at a database by the queries sql/queries/check_*.sql. They only read, and each row they
/// return is a finding: level, what, remedy; none when all is well.

#include <string>
#include <vector>

#include "finding.hpp"
#include "pg/connection.hpp"

namespace onceward::pg {

/// The text of check `name` for a schema.
std::string check_sql(const std::string& name, const std::string& schema);

/// Runs check `name`. A statement that fails is a problem of its own.
std::vector<finding> check(connection& c, const std::string& name, const std::string& schema,
                           std::initializer_list<text_value> params = {});

/// Whether this program and the schema fit together, see schema_version.hpp.
std::vector<finding> check_version(connection& c, const std::string& schema);

}  // namespace onceward::pg
