#include "inbox/dead_command.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "exit_code.hpp"

namespace onceward::cli {

namespace {

constexpr std::int64_t at_once_max = 1'000;

template <class T>
T value_or_stop(result<T> r) {
    if (r) return *std::move(r);
    const auto& why = r.error();
    if (why.origin == "sqlstate:42501") {
        throw stop_with(exit_config,
                        why.message + "\nRun it as the role that owns the schema's tables.");
    }
    throw stop_with(why.next == verdict::transient ? exit_unavailable : exit_problems, why.message);
}

/// A file's bytes; of "-" those of standard input.
std::string bytes_of(const std::string& file) {
    std::ostringstream out;
    if (file == "-") {
        out << std::cin.rdbuf();
        return out.str();
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) throw stop_with(exit_usage, fmt::format("{} cannot be read", file));
    out << in.rdbuf();
    return out.str();
}

}  // namespace

void dead_command::declare(CLI::App& inbox) {
    dead_ = inbox.add_subcommand("dead", "Messages that were set aside, and decisions on them.");
    list_ = dead_->add_subcommand("list", "Lists them without their content.");
    declare_filter(*list_, "Only these numbers.", nullptr);
    declare_kind(*list_);
    list_->add_option("--state", state_, "Only in this state, or all.")
        ->check(CLI::IsMember({"dead", "redrive", "redriven", "discarded", "all"}))
        ->capture_default_str();
    list_->add_option("--limit", filter_.limit, "At most so many.")
        ->check(CLI::Range(1, 10'000))
        ->capture_default_str();
    show_ = dead_->add_subcommand("show", "Shows one with its content, as the owner.");
    show_->add_option("number", filter_.numbers, "Its number.")->required()->expected(1);
    edit_ = dead_->add_subcommand("edit", "Replaces the payload or the headers of one.");
    edit_->add_option("number", filter_.numbers, "Its number.")->required()->expected(1);
    edit_->add_option("--payload-file", payload_file_, "The new payload; - is standard input.");
    edit_->add_flag("--tombstone", tombstone_, "The new payload is none.");
    edit_->add_option("--headers-file", headers_file_,
                      "The new headers: [[name, text] or [name, {\"base64\": ...}], ...].");
    redrive_ = dead_->add_subcommand(
        "redrive", "Has its consumer apply them again, once each, behind what it is doing.");
    redrive_->add_flag("--as-new", as_new_,
                       "Quarantined ones, under new ids: for who knows that they took no effect.");
    discard_ = dead_->add_subcommand("discard", "Decides that they are not to take effect.");
    discard_->add_option("--why", why_, "For the audit.")->required();
    for (auto* sub : {redrive_, discard_}) {
        auto* all = sub->add_flag("--all", all_,
                                  "All that wait and match, instead of numbers; 1,000 at a time.");
        declare_filter(*sub, "Their numbers.", all);
    }
    declare_kind(*discard_)->needs(discard_->get_option("--all"));
    for (auto* sub : {edit_, redrive_, discard_})
        sub->add_flag("--dry-run", dry_run_, "Tries it, shows what it concerns, changes nothing.");
    dead_->require_subcommand(1);
    for (auto* sub : dead_->get_subcommands({})) sub->fallthrough();
    dead_->fallthrough();
}

/// @param all  What the filter goes with; null: it stands for itself.
void dead_command::declare_filter(CLI::App& sub, const char* numbers, CLI::Option* all) {
    sub.add_option("numbers", filter_.numbers, numbers);
    auto* consumer = sub.add_option("--consumer", filter_.consumer, "Only of this consumer.");
    auto* topic = sub.add_option("--topic", filter_.topic, "Only of this topic.");
    if (all == nullptr) return;
    consumer->needs(all);
    topic->needs(all);
}

CLI::Option* dead_command::declare_kind(CLI::App& sub) {
    return sub.add_option("--kind", filter_.kind, "Only refused or only quarantined ones.")
        ->check(CLI::IsMember({"refused", "quarantined"}));
}

bool dead_command::chosen() const {
    return dead_->parsed();
}

int dead_command::run(pg::connection& c, const std::string& schema, bool json) const {
    dead_letters all(c, schema);
    if (list_->parsed()) return list(all, json);
    if (show_->parsed()) return show(all, json);
    return decide(all, json);
}

int dead_command::list(dead_letters& all, bool json) const {
    auto f = filter_;
    if (state_ != "all") f.state = state_;
    const auto found = value_or_stop(all.list(f));
    fmt::print("{}", json ? dead_list_json(found) : dead_list_text(found));
    return exit_ok;
}

int dead_command::show(dead_letters& all, bool json) const {
    const auto found = value_or_stop(all.list({.numbers = filter_.numbers, .limit = 1}));
    const auto content = value_or_stop(all.content(filter_.numbers.front()));
    if (found.empty() || !content) {
        throw stop_with(exit_problems, fmt::format("there is no dead letter with the number {}",
                                                   filter_.numbers.front()));
    }
    fmt::print("{}", json ? dead_letter_json(found.front(), *content)
                          : dead_letter_text(found.front(), *content));
    return exit_ok;
}

int dead_command::decide(dead_letters& all, bool json) const {
    const auto report = carry_out(all);
    fmt::print("{}", json ? dead_report_json(report) : dead_report_text(report));
    return exit_ok;
}

dead_report dead_command::carry_out(dead_letters& all) const {
    dead_report report{.action = edit_->parsed()      ? "edit"
                                 : redrive_->parsed() ? "redrive"
                                                      : "discard",
                       .dry_run = dry_run_};
    value_or_stop(all.begin());
    report.letters = value_or_stop(all.list(concerned()));
    std::vector<std::int64_t> numbers = filter_.numbers;
    if (all_) {
        for (const auto& d : report.letters) numbers.push_back(d.number);
    }
    std::ranges::sort(numbers);  // as the letters are
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
    for (const auto number : numbers) carry_out_one(all, number, report);
    value_or_stop(all.end(dry_run_));
    return report;
}

void dead_command::carry_out_one(dead_letters& all, std::int64_t number,
                                 dead_report& report) const {
    if (edit_->parsed()) value_or_stop(all.edit(number, edited()));
    if (redrive_->parsed()) report.ids.push_back(value_or_stop(all.redrive(number, as_new_)));
    if (discard_->parsed()) value_or_stop(all.discard(number, why_));
}

/// What is named by numbers is looked at as it is: the database says why a decision is none.
dead_filter dead_command::concerned() const {
    if (all_ == !filter_.numbers.empty()) {
        throw stop_with(exit_usage, "name the dead letters by their numbers, or give --all");
    }
    if (!all_) return {.numbers = filter_.numbers, .limit = at_once_max};
    auto f = filter_;
    f.state = "dead";
    f.limit = at_once_max;
    if (redrive_->parsed()) f.kind = as_new_ ? "quarantined" : "refused";
    return f;
}

dead_edit dead_command::edited() const {
    const bool nothing = payload_file_.empty() && headers_file_.empty() && !tombstone_;
    if (nothing || (tombstone_ && !payload_file_.empty())) {
        throw stop_with(exit_usage,
                        "give what to change: --payload-file or --tombstone, --headers-file");
    }
    dead_edit e{.payload = tombstone_ || !payload_file_.empty()};
    if (!payload_file_.empty()) e.new_payload = bytes_of(payload_file_);
    if (!headers_file_.empty()) e.new_headers = bytes_of(headers_file_);
    return e;
}

}  // namespace onceward::cli
