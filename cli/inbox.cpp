#include "inbox.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common.hpp"
#include "exit_code.hpp"
#include "inbox/maintain.hpp"
#include "pg/migrator.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;

constexpr int look_timeout_s = 30;

std::string text_of(const maintain_report& r) {
    std::string out = fmt::format("made {} day partitions\n", r.made);
    for (const auto& d : r.old_days) out += fmt::format("{} {}\n", d.outcome, d.name);
    if (!r.complete())
        out += "what waits is used by transactions that are open; run this again when they end\n";
    return out;
}

std::string json_of(const maintain_report& r) {
    auto days = nlohmann::ordered_json::array();
    for (const auto& d : r.old_days) days.push_back({{"name", d.name}, {"outcome", d.outcome}});
    const nlohmann::ordered_json out{
        {"made", r.made}, {"old_days", days}, {"complete", r.complete()}};
    return out.dump(2) + "\n";
}

[[noreturn]] void fail(const failure& why) {
    const bool rights = why.origin == "sqlstate:42501";
    throw stop_with(
        why.next == verdict::transient ? exit_unavailable : exit_config,
        rights ? why.message + "\nRun it as the role that owns the schema's tables." : why.message);
}

void check_version(pg::connection& c, const std::string& schema) {
    const auto version = pg::current_version(c, schema);
    if (!version) fail(version.error());
    constexpr int days_are_dropped_since = 8;
    if (*version >= days_are_dropped_since) return;
    throw stop_with(exit_config, fmt::format("schema {} has version {}; run `onceward migrate up`",
                                             schema, *version));
}

}  // namespace

inbox_command::inbox_command()
    : command("inbox", "Looks after the inbox's tables, as their owner.",
              joined(connection_rows(),
                     {options::duration("wait", {10s, 100ms, 1h},
                                        "How long a day that is to be dropped may wait for "
                                        "transactions that use it. Low: more is left for the next "
                                        "call. High: the call takes longer.")})) {}

void inbox_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    app.add_subcommand("maintain",
                       "Makes day partitions a week ahead and drops those that no consumer judges "
                       "by; exit code 75 if one must wait.")
        ->fallthrough();
    dead_.declare(app);
    app.require_subcommand(1);
    app.footer(
        "Consumers maintain the days by themselves once an hour, as far as nobody holds a lock on "
        "the\n"
        "tables. Run it, daily for one, where reports or dumps always do: it needs no such lock, "
        "but the\nowner.");
}

int inbox_command::run(const options::values& values) {
    const std::string schema = schema_of(values);
    auto c = connect(values, look_timeout_s);
    check_version(c, schema);
    if (dead_.chosen()) return dead_.run(c, schema, json_);
    const auto report = maintain(c, schema, values.duration("wait"));
    if (!report) fail(report.error());
    fmt::print("{}", json_ ? json_of(*report) : text_of(*report));
    return report->complete() ? exit_ok : exit_temporary;
}

}  // namespace onceward::cli
