#include "status.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "status/diagnose.hpp"
#include "status/query.hpp"
#include "status/render.hpp"

namespace onceward::cli {

namespace {

constexpr int query_timeout_s = 10;

[[noreturn]] void fail(const failure& why) {
    if (why.origin == "sqlstate:42501") {
        throw stop_with(
            exit_config,
            why.message + "\nGRANT onceward_monitor to this role; that is enough for status.");
    }
    throw stop_with(exit_unavailable, why.message);
}

int report_ready(const facts& f) {
    const auto missing = unready(f);
    if (missing.empty()) return exit_ok;
    fmt::print(stderr, "{}", render_problems(missing));
    return exit_problems;
}

}  // namespace

status_command::status_command()
    : command("status", "Shows whether events flow; exit code 1 if something is not well.",
              connection_rows()) {}

void status_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    app.add_flag(
        "--ready", ready_,
        "For health checks of containers: says nothing and exits with 0 when a relay holds "
        "each shard and none is stopped, whatever waits.");
    app.footer(
        "Reads one database, as producer (shards) and as consumer (inbox). The role "
        "onceward_monitor\n"
        "is enough.");
}

int status_command::run(const options::values& values) {
    const std::string schema = schema_of(values);
    auto c = connect(values, query_timeout_s);
    const auto f = read_facts(c, schema);
    if (!f) fail(f.error());
    if (ready_) return report_ready(*f);
    const auto problems = diagnose(*f);
    fmt::print("{}", json_ ? render_json(*f, problems) : render_text(*f, problems));
    return problems.empty() ? exit_ok : exit_problems;
}

}  // namespace onceward::cli
