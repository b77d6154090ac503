#include "config/switches.hpp"

#include <algorithm>

#include <CLI/App.hpp>

namespace onceward::cli {

namespace {

/// Whether it is described elsewhere: an option of the table, --config, --help.
bool is_elsewhere(const CLI::Option& o, const CLI::App& app, const described_command& command) {
    const bool of_command = app.get_name() == command.name;
    const std::string name = o.get_lnames().empty() ? "" : o.get_lnames().front();
    return &o == app.get_help_ptr() || (of_command && name == "config") ||
           std::ranges::any_of(command.rows, [&](const auto& row) { return row.name == name; });
}

std::string written(const CLI::Option& o) {
    const std::string name = o.get_name();  // "--to", or the name of a word that stands alone
    return o.get_expected_max() == 0 ? name : name + ' ' + o.get_type_name();
}

void walk(described_command& into, const CLI::App& app, const std::string& path) {
    for (const auto* o : app.get_options()) {
        if (!is_elsewhere(*o, app, into))
            into.switches.push_back({path, written(*o), o->get_description()});
    }
    for (const auto* sub : app.get_subcommands({})) {
        const std::string name = path + ' ' + sub->get_name();
        into.subcommands.push_back({name, sub->get_description()});
        walk(into, *sub, name);
    }
}

}  // namespace

void add_switches(described_commands& all, const CLI::App& program) {
    for (const auto* app : program.get_subcommands({})) {
        const auto found = std::ranges::find(all, app->get_name(), &described_command::name);
        if (found != all.end()) walk(*found, *app, app->get_name());
    }
}

}  // namespace onceward::cli
