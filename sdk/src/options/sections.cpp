#include "options/sections.hpp"

#include <set>

namespace onceward::options {

section_key split(std::string_view key) {
    const auto bracket = key.find('[');
    const auto end = key.find(']', bracket);
    if (bracket == std::string_view::npos || end == std::string_view::npos) return {};
    section_key parts{.list = key.substr(0, bracket), .section = key.substr(0, end + 1)};
    const auto rest = key.substr(end + 1);
    if (rest.empty()) return parts;
    if (rest.front() != '.') return {};
    parts.key = rest.substr(1);
    return parts;
}

std::vector<setting> sections_of(const config_file& file, std::string_view list) {
    std::vector<setting> found;
    for (const auto& s : file.settings) {
        const auto parts = split(s.key);
        if (parts.list == list && !list.empty() && parts.key.empty()) found.push_back(s);
    }
    return found;
}

std::string value_in(const config_file& file, const setting& section, std::string_view key) {
    for (const auto& s : file.settings) {
        const auto parts = split(s.key);
        if (parts.section == section.key && parts.key == key && !s.items.empty())
            return s.items.front();
    }
    return "";
}

config_file within(const config_file& file, const setting& section) {
    config_file seen{.name = file.name};
    std::set<std::string> own;
    for (auto s : file.settings) {
        const auto parts = split(s.key);
        if (parts.section != section.key || parts.key.empty()) continue;
        s.key = std::string(parts.key);
        own.insert(s.key);
        seen.settings.push_back(std::move(s));
    }
    for (const auto& s : file.settings) {
        if (split(s.key).list.empty() && !own.contains(s.key)) seen.settings.push_back(s);
    }
    return seen;
}

}  // namespace onceward::options
