#include <algorithm>
#include <stdexcept>

#include "pg/connection.hpp"

namespace onceward::pg {

const std::string& checked_identifier(const std::string& name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const auto plain = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > 63 || !letter(name[0]) ||
        !std::all_of(name.begin(), name.end(), plain)) {
        throw std::invalid_argument("\"" + name +
                                    "\" is no schema name: it must be [a-z_][a-z0-9_]{0,62}");
    }
    return name;
}

std::string for_schema(std::string_view sql, const std::string& schema) {
    checked_identifier(schema);
    constexpr std::string_view ours = "onceward";
    if (schema == ours) return std::string(sql);
    // The schema stands before a dot, after SCHEMA or alone in quotes; roles go on with `_`.
    std::string out;
    for (std::size_t at = 0; at < sql.size();) {
        const std::size_t found = sql.find(ours, at);
        if (found == std::string_view::npos) return out.append(sql.substr(at));
        const std::size_t end = found + ours.size();
        const char next = end < sql.size() ? sql[end] : ' ';
        const bool within_word = found > 0 && (sql[found - 1] == '_' || sql[found - 1] == '-');
        const bool is_schema = !within_word && next != '_' && next != '-';
        out.append(sql.substr(at, found - at)).append(is_schema ? schema : std::string(ours));
        at = end;
    }
    return out;
}

}  // namespace onceward::pg
