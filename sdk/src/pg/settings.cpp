#include "pg/settings.hpp"

namespace onceward::pg {

namespace {

/// Without a backslash, whose meaning depends on a setting, all but the quote stands for itself.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
}

}  // namespace

std::string settings_sql(const settings& all, scope within) {
    std::string sql;
    for (const auto& [name, value] : all) {
        sql += sql.empty() ? "SELECT " : ", ";
        sql += "pg_catalog.set_config(" + quoted(name) + ", " + quoted(value) +
               (within == scope::transaction ? ", true)" : ", false)");
    }
    return sql;
}

}  // namespace onceward::pg
