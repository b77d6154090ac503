#include "config.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "config/document.hpp"
#include "config/example.hpp"
#include "config/show.hpp"
#include "config/switches.hpp"
#include "exit_code.hpp"
#include "interface/document.hpp"
#include "pg/connection.hpp"
#include "relay/setup.hpp"

namespace onceward::cli {

namespace {

/// Tries the database, as the relay would at its start.
/// @throws stop_with  What the relay would refuse.
void check_online(const relay& r, const relay_options& options) {
    const auto problems = r.preflight();
    if (problems.empty()) return;
    const bool reachable = static_cast<bool>(pg::connection::open(options.database));
    throw stop_with(reachable ? exit_config : exit_unavailable,
                    fmt::format("{}", fmt::join(problems, "\n")));
}

}  // namespace

config_command::config_command(described_commands all)
    : command("config", "Checks, shows and explains the configuration.", rows_of_file(all)),
      all_(std::move(all)) {}

void config_command::declare_more(CLI::App& app) {
    program_ = app.get_parent();
    check_ = app.add_subcommand("check",
                                "Says whether the relay would start with it; exit code 78 if not.");
    check_->add_flag("--online", online_, "Also connects to the database and checks it.");
    show_ = app.add_subcommand("show", "Prints every value in force; secrets are masked.");
    show_->add_flag("--origin", origin_, "Says where each value came from.");
    show_->add_flag("--json", json_, "Prints JSON, with origins.");
    example_ = app.add_subcommand("example", "Prints a file with every option, to begin with.");
    docs_ = app.add_subcommand("docs", "Prints the tables of docs/configuration.md.");
    docs_->add_flag("--json", json_, "Prints JSON.");
    docs_->add_flag("--interface", interface_, "Prints the tables of docs/interface.md instead.");
    app.require_subcommand(1);
    for (auto* sub : app.get_subcommands({})) sub->fallthrough();
    app.footer("Example:\n  onceward config check --config /etc/onceward/onceward.yaml");
}

int config_command::run(const options::values& values) {
    if (check_->parsed()) return check(values);
    if (show_->parsed()) return show(values);
    if (example_->parsed()) fmt::print("{}", example_yaml(all_));
    if (docs_->parsed()) fmt::print("{}", documentation());
    return exit_ok;
}

std::string config_command::documentation() const {
    if (interface_) return interface_document();
    if (json_) return document_json(all_);
    auto all = all_;
    all.push_back({name(), summary() + " It takes the options of all others.", rows()});
    add_switches(all, *program_);
    all.back().rows.clear();  // they stand there already
    return document(all);
}

int config_command::check(const options::values& values) {
    const auto setup = relay_setup_of(values);
    // The command itself has told of values.warnings.
    for (auto w = setup.warnings.begin() + static_cast<long>(values.warnings.size());
         w != setup.warnings.end(); ++w) {
        fmt::print(stderr, "onceward: warning: {}.\n", *w);
    }
    try {
        for (const auto& o : setup.outboxes) {
            const relay would_be(o.options, {});
            if (online_) check_online(would_be, o.options);
        }
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
    fmt::print("the configuration is right{}\n", online_ ? ", and so is the database" : "");
    return exit_ok;
}

int config_command::show(const options::values& values) const {
    fmt::print("{}", json_ ? show_json(rows(), values) : show_yaml(rows(), values, origin_));
    return exit_ok;
}

}  // namespace onceward::cli
