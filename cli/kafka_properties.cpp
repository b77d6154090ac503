#include "kafka_properties.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <unistd.h>

namespace onceward::cli {

namespace {

constexpr std::string_view prefix = "ONCEWARD_KAFKA_";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string property_of(std::string_view variable) {
    if (!variable.starts_with(prefix)) return "";
    variable.remove_prefix(prefix.size());
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

kafka_properties read_kafka_properties(const std::vector<std::string>& flags,
                                       const std::vector<std::string>& variables) {
    kafka_properties found;
    for (const auto& v : variables) {
        const std::size_t equals = std::min(v.find('='), v.size());
        const std::string property = property_of(std::string_view(v).substr(0, equals));
        if (!property.empty() && equals < v.size()) found[property] = v.substr(equals + 1);
    }
    for (const auto& f : flags) {
        const std::size_t equals = f.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw std::invalid_argument("--kafka '" + f + "' is not property=value");
        }
        found[f.substr(0, equals)] = f.substr(equals + 1);
    }
    return found;
}

bool is_secret(std::string_view property) {
    return property.find("password") != std::string_view::npos ||
           property.find("secret") != std::string_view::npos || property.ends_with("key.pem") ||
           property == "sasl.oauthbearer.config";
}

std::vector<std::string> process_variables() {
    std::vector<std::string> all;
    for (char** v = environ; *v != nullptr; ++v) all.emplace_back(*v);
    return all;
}

}  // namespace onceward::cli
