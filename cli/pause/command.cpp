#include "pause/command.hpp"

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "pause/pause.hpp"
#include "pause/render.hpp"

namespace onceward::cli {

namespace {

constexpr int query_timeout_s = 10;

[[noreturn]] void fail(const failure& why) {
    const bool passing = why.next == verdict::transient;
    throw stop_with(passing ? exit_unavailable : exit_config,
                    fmt::format("{}\n{}.", why.message, pause_remedy(why)));
}

void check_reason(const std::string& reason) {
    if (!reason.empty() && reason.size() <= pause_reason_bytes_max) return;
    throw stop_with(exit_usage,
                    fmt::format("--reason: say why, in 1 to {} bytes", pause_reason_bytes_max));
}

}  // namespace

void pause_commands::declare(CLI::App& relay) {
    pause_ = relay.add_subcommand(
        "pause", "Has all relays of the shard publish nothing, until it is resumed.");
    pause_->add_option("--reason", reason_, "Why, for whoever looks at the status.")
        ->type_name("TEXT")
        ->required();
    resume_ = relay.add_subcommand("resume", "Ends a pause; the relay goes on where it stopped.");
    for (auto* sub : {pause_, resume_}) {
        sub->add_flag("--json", json_, "Prints JSON.");
        sub->set_help_flag("--help,-h", "Shows this.");
        sub->footer(
            "Takes --database, --schema and --shard of `onceward relay`, and the role "
            "onceward_relay.");
        sub->fallthrough();
    }
    relay.require_subcommand(0, 1);
}

bool pause_commands::chosen() const {
    return pause_->parsed() || resume_->parsed();
}

int pause_commands::run(const options::values& values) const {
    return pause_->parsed() ? pause(values) : resume(values);
}

int pause_commands::pause(const options::values& values) const {
    check_reason(reason_);
    const auto shard = values.number("shard");
    auto c = connect(values, query_timeout_s);
    const auto p = pause_shard(c, schema_of(values), shard, reason_, "");
    if (!p) fail(p.error());
    if (json_) {
        fmt::print("{}", pause_json(shard, *p));
    } else if (p->is_new) {
        fmt::print(
            "shard {} is paused: what its relay has read already still goes out, then "
            "nothing until\nonceward relay resume --shard {}\n",
            shard, shard);
    } else {
        fmt::print("shard {} was paused already, since {} by {}: {}\n", shard, p->since, p->by,
                   p->reason);
    }
    return exit_ok;
}

int pause_commands::resume(const options::values& values) const {
    const auto shard = values.number("shard");
    auto c = connect(values, query_timeout_s);
    const auto was = resume_shard(c, schema_of(values), shard);
    if (!was) fail(was.error());
    if (json_) {
        fmt::print("{}", resume_json(shard, *was));
    } else {
        fmt::print("shard {} {}\n", shard, *was ? "is resumed" : "was not paused");
    }
    return exit_ok;
}

}  // namespace onceward::cli
