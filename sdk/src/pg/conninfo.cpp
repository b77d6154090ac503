#include "pg/conninfo.hpp"

#include <memory>

#include <libpq-fe.h>

#include "pg/connection.hpp"

namespace onceward::pg {

namespace {

std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

}  // namespace

std::optional<conninfo_parameters> parse_conninfo(const std::string& conninfo) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, destroy_with<&PQconninfoFree>> parsed(
        PQconninfoParse(conninfo.c_str(), &error));
    const std::unique_ptr<char, destroy_with<&PQfreemem>> owner(error);
    if (!parsed) return std::nullopt;
    conninfo_parameters found;
    for (const auto* o = parsed.get(); o->keyword != nullptr; ++o) {
        if (o->val != nullptr) found[o->keyword] = o->val;
    }
    return found;
}

std::string conninfo_of(const conninfo_parameters& all) {
    std::string out;
    for (const auto& [keyword, value] : all) {
        if (!out.empty()) out += ' ';
        out += keyword + '=' + quoted(value);
    }
    return out;
}

}  // namespace onceward::pg
