#include "pg/checks.hpp"

#include <fmt/format.h>

#include "pg/migration_files.hpp"
#include "pg/schema_version.hpp"
#include "sql/embedded.hpp"

namespace onceward::pg {

namespace {

finding unanswered(const failure& why) {
    return {severity::problem, fmt::format("a check could not be made: {}", why.message),
            why.origin == "sqlstate:42501"
                ? "connect as a role that may read there: onceward_monitor, or the owner"
                : "look at the server's log"};
}

}  // namespace

std::string check_sql(const std::string& name, const std::string& schema) {
    return for_schema(sql::text(fmt::format("queries/check_{}.sql", name)), schema);
}

std::vector<finding> check(connection& c, const std::string& name, const std::string& schema,
                           std::initializer_list<text_value> params) {
    auto r = c.exec(check_sql(name, schema), params);
    if (!r) return {unanswered(r.error())};
    std::vector<finding> found;
    found.reserve(static_cast<std::size_t>(r->size()));
    for (int i = 0; i < r->size(); ++i) {
        found.push_back({r->text(i, 0) == "problem" ? severity::problem : severity::warning,
                         std::string(r->text(i, 1)), std::string(r->text(i, 2))});
    }
    return found;
}

std::vector<finding> check_version(connection& c, const std::string& schema) {
    const auto found = read_schema_version(c, schema);
    if (!found) return {unanswered(found.error())};
    if (const auto f = misfit(*found, required_schema_version(), schema)) return {*f};
    return {};
}

}  // namespace onceward::pg
