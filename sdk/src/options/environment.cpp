#include "options/environment.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unistd.h>

#include "options/suggest.hpp"

namespace onceward::options {

namespace {

constexpr std::string_view ours = "ONCEWARD_";

/// Of the program itself and of the project's scripts and tests.
constexpr std::array other_names{"ONCEWARD_CONFIG", "ONCEWARD_STATE_FILE", "ONCEWARD_POSTGRES_BIN",
                                 "ONCEWARD_CRASH", "ONCEWARD_PLANT"};
constexpr std::array<std::string_view, 2> other_prefixes{"ONCEWARD_TEST_", "ONCEWARD_BUILD"};

/// Kubernetes tells each pod of its services: for one called onceward, ONCEWARD_SERVICE_HOST.
bool is_service_link(std::string_view name) {
    return name.find("_SERVICE_HOST") != std::string_view::npos ||
           name.find("_SERVICE_PORT") != std::string_view::npos || name.ends_with("_PORT") ||
           name.find("_PORT_") != std::string_view::npos;
}

bool is_read(std::string_view name, const table& rows) {
    const auto reads = [&](const option& o) {
        if (o.type == kind::sections) return false;
        const std::string own = environment_name(o);
        return name == own || (o.type == kind::properties && name.starts_with(own + "_"));
    };
    const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
    return std::ranges::any_of(rows, reads) || std::ranges::any_of(other_prefixes, begins) ||
           std::ranges::find(other_names, name) != other_names.end() || is_service_link(name);
}

}  // namespace

variables process_environment() {
    variables all;
    for (char** v = environ; *v != nullptr; ++v) {
        const std::string_view variable(*v);
        const std::size_t equals = variable.find('=');
        if (equals != std::string_view::npos)
            all.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
    return all;
}

std::string value_of(const variables& env, std::string_view name) {
    const auto found = env.find(name);
    return found == env.end() ? "" : found->second;
}

std::vector<std::string> unknown_variables(const variables& env, const table& rows) {
    std::vector<std::string> known(other_names.begin(), other_names.end());
    for (const auto& o : rows) known.push_back(environment_name(o));
    std::vector<std::string> found;
    for (auto v = env.lower_bound(ours); v != env.end() && v->first.starts_with(ours); ++v) {
        if (is_read(v->first, rows)) continue;
        found.push_back(fmt::format("the environment variable {} is no option and is ignored{}",
                                    v->first, did_you_mean(v->first, known)));
    }
    return found;
}

}  // namespace onceward::options
