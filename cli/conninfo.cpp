#include "conninfo.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include <libpq-fe.h>

#include "pg/connection.hpp"

namespace onceward::cli {

namespace {

constexpr std::string_view mask = "********";

using parameters = std::map<std::string, std::string>;

bool is_secret(std::string_view keyword) {
    return keyword == "password" || keyword == "sslpassword";
}

/// What the string says; empty when it cannot be read.
std::optional<parameters> parse(const std::string& conninfo) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, pg::destroy_with<&PQconninfoFree>> parsed(
        PQconninfoParse(conninfo.c_str(), &error));
    const std::unique_ptr<char, pg::destroy_with<&PQfreemem>> owner(error);
    if (!parsed) return std::nullopt;
    parameters found;
    for (const auto* o = parsed.get(); o->keyword != nullptr; ++o) {
        if (o->val != nullptr && *o->val != '\0') found[o->keyword] = o->val;
    }
    return found;
}

std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string joined(const parameters& all) {
    std::string out;
    for (const auto& [keyword, value] : all) {
        if (!out.empty()) out += ' ';
        out += keyword + '=' + quoted(value);
    }
    return out;
}

bool is_uri(std::string_view text) {
    return text.starts_with("postgresql://") || text.starts_with("postgres://");
}

/// Puts the mask between the first colon behind `://` and the at sign, and behind `password=`.
std::string masked_uri(std::string text) {
    const std::size_t user = text.find("://") + 3;
    const std::size_t at = text.find_first_of("@/", user);
    const std::size_t colon = text.find(':', user);
    if (at != std::string::npos && text[at] == '@' && colon < at)
        text.replace(colon + 1, at - colon - 1, mask);
    constexpr std::string_view in_query = "password=";
    for (std::size_t i = text.find(in_query); i != std::string::npos;
         i = text.find(in_query, i + in_query.size())) {
        const std::size_t begin = i + in_query.size();
        const std::size_t end = std::min(text.find('&', begin), text.size());
        text.replace(begin, end - begin, mask);
    }
    return text;
}

bool shows_no_secret(const std::string& text) {
    const auto all = parse(text);
    return all && std::ranges::all_of(
                      *all, [](const auto& p) { return !is_secret(p.first) || p.second == mask; });
}

}  // namespace

bool holds_password(const std::string& conninfo) {
    const auto all = parse(conninfo);
    return all && std::ranges::any_of(*all, [](const auto& p) { return is_secret(p.first); });
}

std::string with_password(const std::string& conninfo, const std::string& password) {
    auto all = parse(conninfo);
    if (!all) return conninfo;
    (*all)["password"] = password;
    return joined(*all);
}

std::string masked(const std::string& conninfo) {
    if (is_uri(conninfo)) {
        std::string text = masked_uri(conninfo);
        return shows_no_secret(text) ? text : std::string(mask);
    }
    auto all = parse(conninfo);
    if (!all) return std::string(mask);
    if (!holds_password(conninfo)) return conninfo;
    for (auto& [keyword, value] : *all) {
        if (is_secret(keyword)) value = mask;
    }
    return joined(*all);
}

}  // namespace onceward::cli
