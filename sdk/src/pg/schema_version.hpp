#pragma once

/// @file
/// Whether a program and a database's schema fit together; every process asks this at start.
///
/// Schemas are upgraded first, programs afterwards. So a program runs on the version that it was
/// built for, and on a newer one as long as every migration in between says (`compatible_from`)
/// that programs of that age still work: expand first, contract when they are gone.

#include <optional>
#include <string>

#include "finding.hpp"
#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::pg {

struct schema_version {
    int version = 0;          ///< The newest migration that is applied; 0 when there is none.
    int compatible_from = 0;  ///< The oldest program that newer migrations than ours still serve;
                              ///< 0 when there is no newer one.
};

/// The SQL that reads it ($1 the program's version) where the table exists.
std::string schema_version_sql(const std::string& schema);

/// Reads the schema's version. A schema that does not exist has version 0.
result<schema_version> read_schema_version(connection& c, const std::string& schema);

/// Why a program that was built for version `required` cannot work on the schema, and what to do.
/// @return Empty when it can.
std::optional<finding> misfit(const schema_version& found, int required, const std::string& schema);

}  // namespace onceward::pg
