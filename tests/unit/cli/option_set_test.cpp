#include "options/option_set.hpp"

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace onceward::options {
namespace {

using namespace std::chrono_literals;
using variables = std::map<std::string, std::string>;

table rows() {
    return {text("brokers", "HOST:PORT", "localhost:9092", "Kafka."),
            count("piece-events", "events", {5'000, 100, 100'000}, "Events a read."),
            duration("lease-ttl", {10s, 2s, 5min}, "A dead relay is replaced after this."),
            bytes("in-flight-bytes", {16 << 20, 1 << 20, 256 << 20}, "Unacknowledged."),
            choice("log-format", "auto|text|json", "auto", "How the log is written."),
            list("kafka", "PROPERTY=VALUE", "A property of librdkafka.")};
}

/// The values after a command line (words after the program's name) and an environment.
values resolved(std::vector<std::string> arguments, const variables& set = {}) {
    option_set options(rows());
    CLI::App app;
    options.add_flags(app);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
    return options.resolve([&](const std::string& name) -> std::optional<std::string> {
        const auto found = set.find(name);
        return found == set.end() ? std::nullopt : std::optional(found->second);
    });
}

/// The message and origin with which it is refused.
std::pair<origin, std::string> refusal(const std::vector<std::string>& arguments,
                                       const variables& set = {}) {
    try {
        static_cast<void>(resolved(arguments, set));
    } catch (const bad_option& e) {
        return {e.from(), e.what()};
    }
    return {origin::fallback, "accepted"};
}

TEST(OptionSet, HasTheDefaultsWhereNothingIsSaid) {
    const values v = resolved({});

    EXPECT_EQ(v.text("brokers"), "localhost:9092");
    EXPECT_EQ(v.number("piece-events"), 5'000);
    EXPECT_EQ(v.duration("lease-ttl"), 10s);
    EXPECT_EQ(v.size("in-flight-bytes"), 16U << 20);
    EXPECT_EQ(v.text("log-format"), "auto");
    EXPECT_TRUE(v.list("kafka").empty());
    EXPECT_EQ(v.from("brokers"), origin::fallback);
}

TEST(OptionSet, TakesTheEnvironmentOverTheDefault) {
    const values v = resolved({}, {{"ONCEWARD_BROKERS", "k:1"},
                                   {"ONCEWARD_PIECE_EVENTS", "200"},
                                   {"ONCEWARD_LEASE_TTL", "3s"},
                                   {"ONCEWARD_IN_FLIGHT_BYTES", "2MiB"},
                                   {"ONCEWARD_LOG_FORMAT", "json"}});

    EXPECT_EQ(v.text("brokers"), "k:1");
    EXPECT_EQ(v.number("piece-events"), 200);
    EXPECT_EQ(v.duration("lease-ttl"), 3s);
    EXPECT_EQ(v.size("in-flight-bytes"), 2U << 20);
    EXPECT_EQ(v.text("log-format"), "json");
    EXPECT_EQ(v.from("brokers"), origin::environment);
}

TEST(OptionSet, TakesTheFlagOverTheEnvironment) {
    const values v = resolved({"--brokers", "flag:1", "--piece-events=300"},
                              {{"ONCEWARD_BROKERS", "env:1"}, {"ONCEWARD_PIECE_EVENTS", "200"}});

    EXPECT_EQ(v.text("brokers"), "flag:1");
    EXPECT_EQ(v.number("piece-events"), 300);
    EXPECT_EQ(v.from("brokers"), origin::flag);
}

TEST(OptionSet, DoesNotLookAtAnEnvironmentThatAFlagOverrules) {
    EXPECT_EQ(resolved({"--piece-events", "300"}, {{"ONCEWARD_PIECE_EVENTS", "bad"}})
                  .number("piece-events"),
              300);
}

TEST(OptionSet, CountsAnEmptyVariableAsNotSet) {
    EXPECT_EQ(resolved({}, {{"ONCEWARD_PIECE_EVENTS", ""}}).number("piece-events"), 5'000);
}

TEST(OptionSet, NamesValueFlagAndRangeOfWhatItRefuses) {
    const auto [from, message] = refusal({"--piece-events", "5"});

    EXPECT_EQ(from, origin::flag);
    EXPECT_EQ(
        message,
        "piece-events from the flag --piece-events: '5' is out of range; allowed: 100 to 100000 "
        "events.");
}

TEST(OptionSet, NamesValueVariableAndRangeOfWhatItRefuses) {
    const auto [from, message] = refusal({}, {{"ONCEWARD_LEASE_TTL", "1h"}});

    EXPECT_EQ(from, origin::environment);
    EXPECT_EQ(message,
              "lease-ttl from the environment variable ONCEWARD_LEASE_TTL: '1h' is out of range; "
              "allowed: 2s to 5m.");
}

TEST(OptionSet, RefusesAnEmptyFlag) {
    EXPECT_EQ(refusal({"--piece-events", ""}).first, origin::flag);
}

TEST(OptionSet, CollectsARepeatedFlagInItsOrder) {
    const values v = resolved({"--kafka", "a=1", "--brokers", "k:1", "--kafka", "b=2"});

    EXPECT_EQ(v.list("kafka"), (std::vector<std::string>{"a=1", "b=2"}));
}

TEST(OptionSet, RefusesASingleFlagThatIsGivenTwice) {
    EXPECT_THROW(static_cast<void>(resolved({"--brokers", "a:1", "--brokers", "b:1"})),
                 CLI::ParseError);
}

TEST(OptionSet, RefusesAFlagWithoutAValueAndAnUnknownFlag) {
    EXPECT_THROW(static_cast<void>(resolved({"--brokers"})), CLI::ParseError);
    EXPECT_THROW(static_cast<void>(resolved({"--piece-event", "5"})), CLI::ParseError);
}

TEST(OptionSet, HelpsWithEveryRowOfTheTable) {
    option_set options(rows());
    CLI::App app;
    options.add_flags(app);
    const std::string help = app.help();

    for (const auto& o : options.rows()) {
        EXPECT_NE(help.find(flag_name(o)), std::string::npos) << o.name;
        if (o.type != kind::list) {
            EXPECT_NE(help.find(environment_name(o)), std::string::npos) << o.name;
        }
    }
    EXPECT_NE(help.find("100 to 100000 events"), std::string::npos) << help;
}

TEST(OptionSet, RefusesAFlawedTable) {
    EXPECT_THROW(option_set(table{count("few", "events", {1, 2, 3}, "x")}), std::logic_error);
}

TEST(OptionSet, KnowsNoOptionThatIsNotInTheTable) {
    EXPECT_THROW(static_cast<void>(resolved({}).text("other")), std::out_of_range);
}

}  // namespace
}  // namespace onceward::options
