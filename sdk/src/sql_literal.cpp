#include "sql_literal.hpp"

#include <algorithm>
#include <stdexcept>

namespace onceward {

std::string bytes_literal(std::string_view bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string sql = "decode('";
    sql.reserve(sql.size() + 2 * bytes.size() + 8);
    for (const char c : bytes) {
        sql += digits[static_cast<unsigned char>(c) >> 4];
        sql += digits[static_cast<unsigned char>(c) & 0x0f];
    }
    return sql + "','hex')";
}

void check_schema_name(const std::string& name, std::string_view option) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > 63 || (name[0] >= '0' && name[0] <= '9') ||
        !std::all_of(name.begin(), name.end(), plain)) {
        throw std::invalid_argument(std::string(option) + " must be [a-z_][a-z0-9_]{0,62}");
    }
}

}  // namespace onceward
