#include "inbox.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "inbox/maintain.hpp"
#include "inbox/maintain_render.hpp"
#include "pg/migrator.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;

constexpr int look_timeout_s = 30;

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
                                        "call. High: the call takes longer."),
                      options::duration("keep-settled", {720h, 1h, 87'600h},
                                        "How long `maintain` keeps dead letters of the inbox that "
                                        "were redriven or discarded. Low: a repeat of one is set "
                                        "aside anew. High: the table grows.")})) {}

void inbox_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    app.add_subcommand("maintain",
                       "Makes day partitions a week ahead, drops those that no consumer judges by, "
                       "and forgets settled dead letters; exit code 75 if something is left.")
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
    const auto report =
        maintain(c, schema, values.duration("wait"), values.duration("keep-settled"));
    if (!report) fail(report.error());
    fmt::print("{}", json_ ? maintain_json(*report) : maintain_text(*report));
    return report->complete() ? exit_ok : exit_temporary;
}

}  // namespace onceward::cli
