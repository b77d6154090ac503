#include "conninfo.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "pg/conninfo.hpp"

namespace onceward::cli {

namespace {

constexpr std::string_view mask = "********";

bool is_secret(std::string_view keyword) {
    return keyword == "password" || keyword == "sslpassword";
}

/// What the string says; an empty value says nothing.
std::optional<pg::conninfo_parameters> parse(const std::string& conninfo) {
    auto all = pg::parse_conninfo(conninfo);
    if (all) std::erase_if(*all, [](const auto& p) { return p.second.empty(); });
    return all;
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
    return pg::conninfo_of(*all);
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
    return pg::conninfo_of(*all);
}

}  // namespace onceward::cli
