#include "app.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "config.hpp"
#include "dead.hpp"
#include "dev.hpp"
#include "doctor.hpp"
#include "exit_code.hpp"
#include "inbox.hpp"
#include "migrate.hpp"
#include "options/suggest.hpp"
#include "pg/migrator.hpp"
#include "relay.hpp"
#include "status.hpp"
#include "topics.hpp"

namespace onceward::cli {

namespace {

using commands = std::vector<std::unique_ptr<command>>;

described_commands described(const commands& all) {
    described_commands out;
    for (const auto& c : all) out.push_back({c->name(), c->summary(), c->rows(), c->reads_file()});
    return out;
}

commands all_commands() {
    commands all;
    all.push_back(std::make_unique<outbox_dead_command>());
    all.push_back(std::make_unique<dev_command>());
    all.push_back(std::make_unique<inbox_command>());
    all.push_back(std::make_unique<doctor_command>());
    all.push_back(std::make_unique<migrate_command>());
    all.push_back(std::make_unique<relay_command>());
    all.push_back(std::make_unique<status_command>());
    all.push_back(std::make_unique<topics_command>());
    all.push_back(std::make_unique<config_command>(described(all)));
    return all;
}

void describe(CLI::App& app) {
    app.set_help_flag("--help,-h", "Shows this.");
    app.set_version_flag("--version", fmt::format("onceward {}, schema version {}",
                                                  ONCEWARD_VERSION, pg::required_schema_version()));
    app.require_subcommand(1);
    app.footer(
        "Every option is also an environment variable and a key in the configuration file:\n"
        "--lease-ttl is ONCEWARD_LEASE_TTL and lease-ttl. Flags win, then the environment.\n"
        "Exit codes: 0 well; 1 something is not well; 64 wrong command line; 69 PostgreSQL, Kafka "
        "or\n"
        "a port is not to be had; 70 internal error; 75 stopped before all was done; 78 wrong "
        "set-up.");
}

int complain(exit_code code, const std::string& message) {
    fmt::print(stderr, "onceward: {}\n", message);
    return code;
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* sub : app.get_subcommands({})) names.push_back(sub->get_name());
    return names;
}

/// The long flags of an app and of the subcommands that were given.
std::vector<std::string> flags_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    for (const auto* sub : app.get_subcommands()) {
        const auto more = flags_of(*sub);
        names.insert(names.end(), more.begin(), more.end());
    }
    return names;
}

/// CLI11 speaks of a missing command before it speaks of an unknown one, and guesses nothing.
std::string usage_error(const CLI::App& app, const CLI::ParseError& e) {
    const auto unknown = app.remaining(/*recurse=*/true);
    if (app.get_subcommands().empty() && !unknown.empty()) {
        return fmt::format("there is no command '{}'{}", unknown.front(),
                           options::did_you_mean(unknown.front(), command_names(app)));
    }
    for (const auto& word : unknown) {
        if (!word.starts_with("--")) continue;
        const auto flag = word.substr(0, word.find('='));
        return fmt::format("there is no flag {}{}", flag,
                           options::did_you_mean(flag, flags_of(app)));
    }
    return e.what();
}

/// Parses; prints help where it was asked for.
/// @return An exit code where there is nothing to run.
std::optional<int> parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
        return std::nullopt;
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // help or version, on stdout
        return complain(exit_usage, fmt::format("{}\nSee onceward --help.", usage_error(app, e)));
    }
}

int run_chosen(const commands& all) {
    const options::table known = rows_of_file(described(all));
    for (const auto& c : all) {
        if (!c->chosen()) continue;
        try {
            return c->run(known);
        } catch (const options::bad_option& e) {
            return complain(e.from() == options::origin::flag ? exit_usage : exit_config, e.what());
        } catch (const stop_with& e) {
            return complain(e.code(), e.what());
        } catch (const std::exception& e) {
            return complain(exit_internal, fmt::format("{}: {}", c->name(), e.what()));
        }
    }
    return complain(exit_internal, "no command ran");
}

}  // namespace

int run(int argc, char** argv) {
    try {
        const commands all = all_commands();
        CLI::App app("Exactly-once effects between microservices on PostgreSQL and Kafka.",
                     "onceward");
        describe(app);
        for (const auto& c : all) c->declare(app);
        if (const auto code = parse(app, argc, argv)) return *code;
        return run_chosen(all);
    } catch (const std::exception& e) {
        return complain(exit_internal, e.what());
    }
}

}  // namespace onceward::cli
