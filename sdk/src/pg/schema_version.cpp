#include "pg/schema_version.hpp"

#include <fmt/format.h>

#include "pg/migration_files.hpp"
#include "sql/embedded.hpp"

namespace onceward::pg {

std::string schema_version_sql(const std::string& schema) {
    return for_schema(sql::text("queries/schema_version.sql"), schema);
}

result<schema_version> read_schema_version(connection& c, const std::string& schema) {
    auto there = c.exec("SELECT to_regclass($1) IS NOT NULL",
                        {checked_identifier(schema) + ".schema_version"});
    if (!there) return there.error();
    if (!there->boolean(0, 0)) return schema_version{};
    auto r = c.exec(schema_version_sql(schema), {std::to_string(required_schema_version())});
    if (!r) return r.error();
    return schema_version{.version = static_cast<int>(r->integer(0, 0)),
                          .compatible_from = static_cast<int>(r->integer(0, 1))};
}

std::optional<finding> misfit(const schema_version& found, int required,
                              const std::string& schema) {
    if (found.version == 0) {
        return finding{severity::problem,
                       fmt::format("there is no schema {} in this database", schema),
                       "run `onceward migrate up` against it, or name another with --database or "
                       "--schema"};
    }
    if (found.version < required) {
        return finding{severity::problem,
                       fmt::format("schema {} has version {}, this program needs {}", schema,
                                   found.version, required),
                       "run `onceward migrate up`"};
    }
    if (found.compatible_from > required) {
        return finding{
            severity::problem,
            fmt::format("schema {} has version {}, which serves programs built for version {} or "
                        "later; this one was built for {}",
                        schema, found.version, found.compatible_from, required),
            fmt::format("install the newer program, or take the schema back with its `onceward "
                        "migrate down --to {}`",
                        required)};
    }
    return std::nullopt;
}

}  // namespace onceward::pg
