#include "topics.hpp"

#include <chrono>
#include <map>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "doctor/report.hpp"
#include "exit_code.hpp"
#include "topics/brokers.hpp"
#include "topics/examine.hpp"
#include "topics/store.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;

constexpr int query_timeout_s = 30;

[[noreturn]] void fail(const failure& why, const std::string& remedy = "") {
    throw stop_with(why.next == verdict::transient ? exit_unavailable : exit_config,
                    why.message + remedy);
}

template <class T>
T value_or_fail(result<T> r) {
    if (!r) fail(r.error());
    return *std::move(r);
}

std::map<std::string, std::string> parsed_config(const std::vector<std::string>& settings) {
    std::map<std::string, std::string> found;
    for (const auto& s : settings) {
        const auto equals = s.find('=');
        if (equals == std::string::npos || equals == 0)
            throw stop_with(exit_usage, fmt::format("--config '{}' is not key=value", s));
        found[s.substr(0, equals)] = s.substr(equals + 1);
    }
    return found;
}

/// The topic as the brokers show it; waits for a change that they have agreed to, up to 10 s.
std::optional<kafka::topic_description> seen(kafka::admin& admin, const std::string& name,
                                             int partitions) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    for (;;) {
        const auto found = value_or_fail(admin.describe({name}));
        const auto at = found.find(name);
        if (at != found.end() && at->second.partitions == partitions) return at->second;
        if (std::chrono::steady_clock::now() > deadline) return std::nullopt;
        std::this_thread::sleep_for(200ms);
    }
}

void pin(pg::connection& c, const std::string& schema, const std::string& topic, int partitions) {
    const int pinned = value_or_fail(pin_topic(c, schema, topic, partitions));
    if (pinned == partitions) return;
    throw stop_with(exit_problems,
                    fmt::format("topic {} has {} partitions, but the outbox has pinned it to {}. "
                                "Follow \"More partitions\" in docs/operations.md.",
                                topic, partitions, pinned));
}

void create_one(kafka::admin& admin, pg::connection& c, const std::string& schema,
                const kafka::new_topic& topic) {
    const auto made = admin.create(topic);
    const bool was_there = !made && made.error().origin == "kafka:TOPIC_ALREADY_EXISTS";
    if (!made && !was_there) fail(made.error());
    if (!seen(admin, topic.name, topic.partitions)) {
        throw stop_with(exit_problems,
                        fmt::format("topic {} {} {} partitions; nothing is pinned", topic.name,
                                    was_there ? "is there already, and has not"
                                              : "was made, but the brokers do not show its",
                                    topic.partitions));
    }
    pin(c, schema, topic.name, topic.partitions);
    fmt::print("{} topic {} with {} partitions\n", was_there ? "found" : "made", topic.name,
               topic.partitions);
}

}  // namespace

topics_command::topics_command()
    : command("topics", "Looks at the topics that an outbox publishes to, and makes them.",
              joined(connection_rows(), broker_rows())) {}

void topics_command::declare_more(CLI::App& app) {
    auto* check = app.add_subcommand(
        "check",
        "Looks at topics, by default those that the outbox uses; exit code 1 at a problem.");
    check->add_option("topic", names_, "Topics to look at.");
    check->add_flag("--json", json_, "Prints JSON.");
    create_ = app.add_subcommand("create", "Makes topics and pins their partition count.");
    create_->add_option("topic", names_, "Topics to make.")->required();
    create_->add_option("--partitions", partitions_, "How many; more later is a procedure.")
        ->required()
        ->check(CLI::Range(1, 100'000));
    create_->add_option("--replication", replication_, "Copies. Default: the brokers' own.")
        ->check(CLI::Range(1, 1'000));
    create_->add_option("--config", config_, "KEY=VALUE, such as min.insync.replicas=2.");
    repin_ = app.add_subcommand(
        "repin", "Raises a topic's partition count in order; see docs/operations.md.");
    repin_->add_option("topic", names_, "The topic.")->required()->expected(1);
    repin_->add_option("--partitions", partitions_, "How many it is to have.")
        ->required()
        ->check(CLI::Range(1, 100'000));
    repin_->add_flag("--yes", yes_,
                     "Does it: no service writes to the topic, and all consumers have read it.");
    app.require_subcommand(1);
    for (auto* sub : app.get_subcommands({})) sub->fallthrough();
}

int topics_command::run(const options::values& values) {
    if (create_->parsed()) return create(values);
    if (repin_->parsed()) return repin(values);
    return check(values);
}

int topics_command::check(const options::values& values) const {
    auto admin = open_admin(values);
    auto c = connect(values, query_timeout_s);
    const auto found = examine_topics(c, admin, schema_of(values), values.text("brokers"), names_);
    fmt::print("{}", json_ ? report_json(found) : report_text(found));
    return worst(found) == severity::problem ? exit_problems : exit_ok;
}

int topics_command::create(const options::values& values) const {
    const auto config = parsed_config(config_);
    auto admin = open_admin(values);
    auto c = connect(values, query_timeout_s);
    for (const auto& name : names_) {
        create_one(admin, c, schema_of(values),
                   {.name = name,
                    .partitions = partitions_,
                    .replication = replication_,
                    .config = config});
    }
    return exit_ok;
}

int topics_command::repin(const options::values& values) const {
    const std::string schema = schema_of(values), topic = names_.front();
    auto admin = open_admin(values);
    auto c = connect(values, query_timeout_s);
    const auto there = value_or_fail(admin.describe({topic}));
    if (there.empty())
        throw stop_with(exit_problems, fmt::format("topic {} does not exist", topic));
    const int now = there.at(topic).partitions;
    if (now > partitions_) {
        throw stop_with(exit_problems, fmt::format("topic {} has {} partitions already, and Kafka "
                                                   "cannot take some away",
                                                   topic, now));
    }
    const auto pending = value_or_fail(begin_repin(c, schema, topic));
    if (pending > 0) {
        throw stop_with(exit_problems,
                        fmt::format("{} events of topic {} are not published yet: stop its "
                                    "writers, wait for the relay, and try again",
                                    pending, topic));
    }
    if (!yes_) {
        throw stop_with(exit_problems,
                        fmt::format("topic {} would go from {} to {} partitions. Every consumer "
                                    "must have read all of it, or a key's events pass each other. "
                                    "Give --yes when they have.",
                                    topic, now, partitions_));
    }
    if (now < partitions_) value_or_fail(admin.raise_partitions(topic, partitions_));
    if (!seen(admin, topic, partitions_))
        throw stop_with(exit_unavailable, "the brokers do not show the partitions yet; try again");
    value_or_fail(finish_repin(c, schema, topic, partitions_));
    fmt::print("topic {} has {} partitions and is pinned to them\n", topic, partitions_);
    return exit_ok;
}

}  // namespace onceward::cli
