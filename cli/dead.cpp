#include "dead.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "dead/render.hpp"
#include "exit_code.hpp"
#include "onceward/message_id.hpp"

namespace onceward::cli {

namespace {

constexpr int statement_timeout_s = 60;
constexpr int previewed_max = 20;

[[noreturn]] void fail(const failure& why) {
    const bool rights = why.origin == "sqlstate:42501";
    const bool input = why.origin.starts_with("sqlstate:22") || why.origin == "sqlstate:P0001";
    throw stop_with(
        why.next == verdict::transient ? exit_unavailable
        : input                        ? exit_usage
                                       : exit_config,
        rights ? why.message + "\nRun it as the role that owns the schema's tables." : why.message);
}

template <class T>
T value_or_fail(result<T> r) {
    if (!r) fail(r.error());
    return *std::move(r);
}

std::string content_of(const std::string& path) {
    if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
    std::ifstream in(path, std::ios::binary);
    if (!in) throw stop_with(exit_usage, fmt::format("{} cannot be read", path));
    return {std::istreambuf_iterator<char>(in), {}};
}

outbox_dead_letter the_one(outbox_dead_letters& letters, const std::string& id, bool payload) {
    if (!message_id::parse(id)) {
        throw stop_with(exit_usage, fmt::format("'{}' is no event id; see onceward dead list", id));
    }
    // Refused more than once, it stands here more than once; the newest is the one that counts.
    auto found = value_or_fail(letters.find({.ids = {id}, .state = ""}, 0, payload));
    if (found.empty()) {
        throw stop_with(exit_problems,
                        fmt::format("there is no dead letter {}; see onceward dead list", id));
    }
    return found.back();
}

void tell(std::int64_t count, const char* done, bool json) {
    if (json)
        fmt::print("{}", decision_json(done, count));
    else
        fmt::print("{} {}\n", done, count);
}

}  // namespace

outbox_dead_command::outbox_dead_command()
    : command("dead", "Shows the events that Kafka refused, and decides on them.",
              connection_rows()) {}

void outbox_dead_command::declare_filters(CLI::App& sub) {
    const auto filter = [&](const char* flag, std::string& value, const char* what) {
        sub.add_option(flag, value, what)->type_name("TEXT");
    };
    sub.add_option("--id", filter_.ids, "This event; may be repeated.")
        ->type_name("ID")
        ->expected(1)
        ->take_all();
    filter("--topic", filter_.topic, "Of this topic.");
    filter("--type", filter_.type, "Of this type.");
    filter("--key", filter_.key, "Of this key.");
    filter("--reason", filter_.reason, "With this text in their reason.");
    filter("--since", filter_.since, "Dead since then: '2026-01-31 12:00', yesterday.");
    filter("--until", filter_.until, "Dead before then.");
}

void outbox_dead_command::declare_edit(CLI::App& app) {
    edit_ = app.add_subcommand("edit", "Replaces parts of one, so that it can be published.");
    edit_->add_option("id", id_, "Its id.")->required();
    edit_->add_option("--new-topic", changes_.topic, "Another topic.")->type_name("TEXT");
    edit_->add_option("--payload-file", payload_file_, "Its new payload; - is standard input.")
        ->type_name("FILE");
    edit_->add_option("--content-type", changes_.content_type, "What the payload is.")
        ->type_name("TEXT");
    edit_
        ->add_option("--headers-file", headers_file_,
                     "Its new headers, JSON: [[\"name\", \"text\"], ...].")
        ->type_name("FILE");
}

void outbox_dead_command::declare_decision(CLI::App& sub, const char* deed) {
    declare_filters(sub);
    sub.add_flag("--all", all_, fmt::format("{} all of them.", deed));
    sub.add_flag("--dry-run", dry_run_, "Only shows which.");
    sub.add_flag("--yes", yes_, "Does it, without which it only shows which.");
}

void outbox_dead_command::declare_more(CLI::App& app) {
    app.add_flag("--json", json_, "Prints JSON.");
    list_ = app.add_subcommand("list", "Lists them, oldest first.");
    declare_filters(*list_);
    list_->add_option("--state", filter_.state, "dead, redriven, discarded or any. [dead]")
        ->type_name("TEXT")
        ->check(CLI::IsMember({"dead", "redriven", "discarded", "any"}));
    list_->add_option("--limit", limit_, "At most so many. [100]")->check(CLI::Range(1, 100'000));
    show_ = app.add_subcommand("show", "Shows all of one.");
    show_->add_option("id", id_, "Its id.")->required();
    show_->add_flag("--payload", payload_, "Its payload too.");
    declare_edit(app);
    redrive_ = app.add_subcommand(
        "redrive", "Puts them into the outbox again, behind all that is there, in their order.");
    declare_decision(*redrive_, "Redrives");
    redrive_->add_flag("--as-new", as_new_,
                       "Under new ids, for consumers whose window has passed.");
    redrive_
        ->add_option("--window-days", window_days_,
                     "The consumers' dedup window: older ids would be set aside there. [7]")
        ->check(CLI::Range(1, 365));
    discard_ = app.add_subcommand("discard", "Gives them up: key, payload and headers are erased.");
    declare_decision(*discard_, "Discards");
    app.require_subcommand(1);
    for (auto* sub : app.get_subcommands({})) sub->fallthrough();
    app.footer(
        "Needs the role that owns the tables. Every decision leaves a row in "
        "onceward.audit.\nExample:\n  onceward dead redrive --topic orders --since "
        "yesterday --yes");
}

int outbox_dead_command::run(const options::values& values) {
    auto session = connect(values, statement_timeout_s);
    outbox_dead_letters letters(session, schema_of(values));
    if (list_->parsed()) return list(letters);
    if (show_->parsed()) return show(letters);
    if (edit_->parsed()) return edit(letters);
    if (redrive_->parsed()) return redrive(letters);
    return discard(letters);
}

int outbox_dead_command::list(outbox_dead_letters& letters) const {
    auto which = filter_;
    if (which.state == "any") which.state.clear();
    const auto found = value_or_fail(letters.find(which, limit_));
    fmt::print("{}", json_ ? list_json(found) : list_text(found));
    if (!json_ && std::cmp_equal(found.size(), limit_)) {
        fmt::print("there may be more: raise --limit\n");
    }
    return exit_ok;
}

int outbox_dead_command::show(outbox_dead_letters& letters) const {
    const auto letter = the_one(letters, id_, payload_);
    fmt::print("{}", json_ ? letter_json(letter) : letter_text(letter));
    return exit_ok;
}

int outbox_dead_command::edit(outbox_dead_letters& letters) const {
    auto changes = changes_;
    if (!payload_file_.empty()) changes.payload = content_of(payload_file_);
    if (!headers_file_.empty()) changes.headers = content_of(headers_file_);
    if (!changes.any()) {
        throw stop_with(exit_usage,
                        "nothing to edit: give --payload-file, --headers-file, "
                        "--content-type or --new-topic");
    }
    const auto letter = the_one(letters, id_, false);
    value_or_fail(letters.edit(letter, changes));
    tell(1, "edited", json_);
    return exit_ok;
}

selection outbox_dead_command::chosen_ones() const {
    if (filter_.narrows() || all_) return filter_;
    throw stop_with(exit_usage, "which ones? Give a filter such as --id or --topic, or --all");
}

bool outbox_dead_command::confirmed(const std::vector<outbox_dead_letter>& chosen,
                                    const char* deed) const {
    if (yes_ && !dry_run_) return true;
    const auto end = chosen.begin() + std::min<std::ptrdiff_t>(std::ssize(chosen), previewed_max);
    const std::vector<outbox_dead_letter> some(chosen.begin(), end);
    if (json_) {
        fmt::print("{}", list_json(chosen));
    } else {
        fmt::print("{}{}would {} {}\n", list_text(some), some.size() < chosen.size() ? "...\n" : "",
                   deed, chosen.size());
    }
    if (!dry_run_) fmt::print(stderr, "onceward: nothing was done; add --yes to do it.\n");
    return false;
}

int outbox_dead_command::redrive(outbox_dead_letters& letters) const {
    const auto which = chosen_ones();
    const auto chosen = value_or_fail(letters.find(which, 0));
    const auto too_old = [&](const outbox_dead_letter& d) {
        return d.id_age_s > window_days_ * 86'400.0;
    };
    const auto old = std::count_if(chosen.begin(), chosen.end(), too_old);
    if (old > 0 && !as_new_) {
        throw stop_with(exit_problems,
                        fmt::format("{} of {} have ids that are older than {} days: consumers "
                                    "with that window would set them aside. Give --as-new, or "
                                    "--window-days if theirs are longer",
                                    old, chosen.size(), window_days_));
    }
    if (!confirmed(chosen, "redrive")) return dry_run_ ? exit_ok : exit_problems;
    tell(value_or_fail(letters.redrive(which, as_new_)), "redriven", json_);
    return exit_ok;
}

int outbox_dead_command::discard(outbox_dead_letters& letters) const {
    const auto which = chosen_ones();
    if (!confirmed(value_or_fail(letters.find(which, 0)), "discard")) {
        return dry_run_ ? exit_ok : exit_problems;
    }
    tell(value_or_fail(letters.discard(which)), "discarded", json_);
    return exit_ok;
}

}  // namespace onceward::cli
