#include "migrate.hpp"

#include <algorithm>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "migrate/export.hpp"
#include "migrate/render.hpp"
#include "pg/migrator.hpp"

namespace onceward::cli {

namespace {

using pg::migration;
using pg::migration_state;
using namespace std::chrono_literals;

constexpr int status_timeout_s = 30;

[[noreturn]] void fail(const failure& why) {
    const bool passing = why.next == verdict::transient;
    if (why.origin == "migration:losses")
        throw stop_with(exit_problems, why.message + " Give --yes if that is meant.");
    throw stop_with(passing ? exit_unavailable : exit_config, why.message);
}

template <class T>
T value_or_fail(result<T> r) {
    if (!r) fail(r.error());
    return *std::move(r);
}

std::vector<migration> status(pg::connection& c, const options::values& values) {
    return value_or_fail(pg::migration_status(c, schema_of(values)));
}

pg::migrate_options options_of(const options::values& values, std::optional<int> to) {
    const int newest = pg::required_schema_version();
    if (to && (*to < 0 || *to > newest)) {
        throw stop_with(exit_usage, fmt::format("--to {} is no version of this program's: it must "
                                                "be 0 to {}",
                                                *to, newest));
    }
    return {.schema = schema_of(values), .to = to, .lock_timeout = values.duration("lock-timeout")};
}

void print(const migrate_report& r, bool json, const std::string& verb) {
    fmt::print("{}", json ? migrations_json(r) : changes_text(r, verb));
}

/// Whether this program can work with what is there.
bool is_well(const std::vector<migration>& all) {
    return std::ranges::none_of(all, [](const auto& m) {
        return m.state == migration_state::pending || m.state == migration_state::changed;
    });
}

}  // namespace

migrate_command::migrate_command()
    : command("migrate", "Makes or updates the tables of outbox and inbox in a database.",
              joined(connection_rows(),
                     {options::duration(
                         "lock-timeout", {5s, 10ms, 10min},
                         "How long a migration waits for a table in use. Low: gives up on "
                         "busy databases. High: others queue behind it for as long.")})) {}

void migrate_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    app.add_flag("--dry-run", dry_run_, "With up, down: only says what it would do.");
    app.add_flag("--show-sql", show_sql_, "With up, down: only prints the SQL that it would run.");
    up_ = app.add_subcommand("up", "Applies what is pending. Any number may run at once.");
    up_->add_option("--to", up_to_, "Stops at this version instead of the newest.");
    down_ = app.add_subcommand(
        "down", "Takes the newest migrations back. Refuses where that loses events or messages.");
    down_->add_option("--to", down_to_, "The version to arrive at; 0 removes everything.")
        ->required();
    down_->add_flag("--yes", yes_, "Goes on although something is lost.");
    app.add_subcommand("status",
                       "Shows what is applied and what is pending; exit code 1 if anything is, or "
                       "if an applied file was edited.");
    sql_ = app.add_subcommand("sql", "Writes the migrations as files, without any database.");
    sql_->add_option("--format", format_,
                     "For plain (psql and others), flyway or golang-migrate. [plain]");
    sql_->add_option("--directory", directory_, "Where to; made where it is missing.")->required();
    app.require_subcommand(1);
    for (auto* sub : app.get_subcommands({})) sub->fallthrough();
    app.footer(
        "Needs a role that may create roles and schemas. Grant the services theirs:\n"
        "  GRANT onceward_app TO my_service;  -- also onceward_relay, onceward_inbox, "
        "onceward_monitor\n"
        "Each file records itself in schema_version, whatever tool runs it.");
}

int migrate_command::run(const options::values& values) {
    if (sql_->parsed()) return write_sql(values);
    if (up_->parsed()) return go_up(values);
    if (down_->parsed()) return go_down(values);
    return look(values);
}

int migrate_command::write_sql(const options::values& values) const {
    try {
        const auto files = exported(sql_format_of(format_), schema_of(values));
        for (const auto& name : write_files(directory_, files)) fmt::print("{}\n", name);
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_usage, e.what());
    } catch (const std::runtime_error& e) {
        throw stop_with(exit_config, e.what());
    }
    return exit_ok;
}

int migrate_command::look(const options::values& values) const {
    auto c = connect(values, status_timeout_s);
    const migrate_report r{.all = status(c, values)};
    fmt::print("{}", json_ ? migrations_json(r) : migrations_text(r.all));
    return is_well(r.all) ? exit_ok : exit_problems;
}

int migrate_command::go_up(const options::values& values) const {
    const auto wanted = options_of(values, up_to_);
    auto c = connect(values, status_timeout_s);
    migrate_report r{.all = {}};
    if (dry_run_ || show_sql_) {
        r.all = status(c, values);
        if (const auto changed = pg::changed_migration(r.all)) fail(*changed);
        r.changes = pg::to_apply(r.all, wanted.to);
        r.changes_name = changes::pending;
    } else {
        r.changes = value_or_fail(pg::migrate_up(c, wanted));
        r.all = status(c, values);
        r.changes_name = changes::applied;
    }
    if (show_sql_)
        fmt::print("{}", pg::up_script(r.all, wanted));
    else
        print(r, json_, dry_run_ ? "would apply" : "applied");
    return exit_ok;
}

int migrate_command::go_down(const options::values& values) const {
    auto wanted = options_of(values, down_to_);
    wanted.accept_losses = yes_;
    auto c = connect(values, status_timeout_s);
    migrate_report r{.all = status(c, values)};
    r.losses = value_or_fail(pg::losses(c, wanted.schema, down_to_));
    if (show_sql_) {
        fmt::print("{}", pg::down_script(r.all, wanted));
        return exit_ok;
    }
    if (dry_run_) {
        r.changes = pg::to_take_back(r.all, down_to_);
        r.changes_name = changes::would_take_back;
    } else {
        r.changes = value_or_fail(pg::migrate_down(c, wanted));
        r.all = status(c, values);
        r.changes_name = changes::taken_back;
    }
    print(r, json_, dry_run_ ? "would take back" : "took back");
    return exit_ok;
}

}  // namespace onceward::cli
