#include "options/property.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace onceward::options {

namespace {

constexpr std::string_view file_suffix = "_file";
constexpr std::string_view file_variable = "_FILE";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string spelt(std::string_view variable) {
    constexpr std::array separators{'.', '-', '_'};  // for one, two, three underscores
    std::string name;
    for (std::size_t i = 0; i < variable.size();) {
        std::size_t run = 0;
        while (run < separators.size() && i + run < variable.size() && variable[i + run] == '_')
            ++run;
        name += run == 0 ? lower(variable[i]) : separators[run - 1];
        i += std::max<std::size_t>(run, 1);
    }
    return name;
}

}  // namespace

std::string property_of(std::string_view variable, std::string_view prefix) {
    if (!variable.starts_with(prefix)) return "";
    variable.remove_prefix(prefix.size());
    if (variable.ends_with(file_variable)) {
        const auto base = spelt(variable.substr(0, variable.size() - file_variable.size()));
        if (is_secret(base)) return base + std::string(file_suffix);
    }
    return spelt(variable);
}

bool is_secret(std::string_view property) {
    return property.find("password") != std::string_view::npos ||
           property.find("secret") != std::string_view::npos || property.ends_with("key.pem") ||
           property == "sasl.oauthbearer.config";
}

std::string put(property_map& all, std::string_view name, property p) {
    if (name.ends_with(file_suffix)) {
        const auto base = name.substr(0, name.size() - file_suffix.size());
        p.in_file = is_secret(base);
        if (p.in_file) name = base;
    }
    const auto there = all.find(name);
    if (there == all.end()) {
        all.emplace(name, std::move(p));
    } else if (there->second.from < p.from) {
        there->second = std::move(p);
    } else if (there->second.from == p.from) {
        return fmt::format("{} is given twice: in {} and in {}", name, there->second.place,
                           p.place);
    }
    return "";
}

}  // namespace onceward::options
