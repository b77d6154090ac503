#include "migrate.hpp"

#include <algorithm>
#include <vector>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common.hpp"
#include "exit_code.hpp"
#include "pg/migrator.hpp"

namespace onceward::cli {

namespace {

using pg::migration;
using pg::migration_state;
using namespace std::chrono_literals;

constexpr int status_timeout_s = 30;

/// What stays after the call, and what the call has applied or would apply.
struct report {
    std::vector<migration> all;
    std::vector<migration> changes;
};

std::vector<migration> pending(const std::vector<migration>& all) {
    std::vector<migration> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [](const auto& m) { return m.state == migration_state::pending; });
    return found;
}

[[noreturn]] void fail(const failure& why) {
    const bool passing = why.next == verdict::transient;
    throw stop_with(passing ? exit_unavailable : exit_config, why.message);
}

std::vector<migration> status(pg::connection& c, const std::string& schema) {
    auto all = pg::migration_status(c, schema);
    if (!all) fail(all.error());
    return *std::move(all);
}

std::vector<migration> up(pg::connection& c, const options::values& values) {
    auto made = pg::migrate_up(
        c, {.schema = schema_of(values), .lock_timeout = values.duration("lock-timeout")});
    if (!made) fail(made.error());
    return *std::move(made);
}

nlohmann::ordered_json json_of(const std::vector<migration>& all) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& m : all) {
        list.push_back({{"version", m.version},
                        {"name", m.name},
                        {"state", to_string(m.state)},
                        {"applied_at", m.applied_at},
                        {"applied_by", m.applied_by}});
    }
    return list;
}

void print_json(const report& r, const std::string& changes_name) {
    nlohmann::ordered_json out{{"required_version", pg::required_schema_version()},
                               {"migrations", json_of(r.all)}};
    if (!changes_name.empty()) out[changes_name] = json_of(r.changes);
    fmt::print("{}\n", out.dump(2));
}

void print_status(const std::vector<migration>& all) {
    for (const auto& m : all) {
        fmt::print("{:04} {:<12} {:<8} {} {}\n", m.version, m.name, to_string(m.state),
                   m.applied_at, m.applied_by);
    }
}

void print_changes(const std::vector<migration>& changes, bool dry_run) {
    for (const auto& m : changes) {
        fmt::print("{} {:04}_{}\n", dry_run ? "would apply" : "applied", m.version, m.name);
    }
    if (changes.empty()) {
        fmt::print("nothing to do: the schema has version {}\n", pg::required_schema_version());
    }
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
    app.add_flag("--dry-run", dry_run_, "With up: only says what it would apply.");
    up_ = app.add_subcommand("up", "Applies what is pending. Any number may run at once.");
    app.add_subcommand("status",
                       "Shows what is applied and what is pending; exit code 1 if anything is.");
    app.require_subcommand(1);
    for (auto* sub : app.get_subcommands({})) sub->fallthrough();
    app.footer(
        "Needs a role that may create roles and schemas. Grant the services theirs:\n"
        "  GRANT onceward_app TO my_service;  -- also onceward_relay, onceward_inbox, "
        "onceward_monitor");
}

int migrate_command::run(const options::values& values) {
    const std::string schema = schema_of(values);
    const bool applies = up_->parsed() && !dry_run_;
    auto c = connect(values, status_timeout_s);
    report r;
    if (applies) r.changes = up(c, values);
    r.all = status(c, schema);
    if (!applies) r.changes = pending(r.all);

    if (json_)
        print_json(r, !up_->parsed() ? "" : dry_run_ ? "pending" : "applied");
    else if (up_->parsed())
        print_changes(r.changes, dry_run_);
    else
        print_status(r.all);
    return up_->parsed() || is_well(r.all) ? exit_ok : exit_problems;
}

}  // namespace onceward::cli
