#include "options/option_set.hpp"

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

namespace onceward::options {
namespace {

using namespace std::chrono_literals;

table rows() {
    return {text("brokers", "HOST:PORT", "localhost:9092", "Kafka."),
            count("piece-events", "events", {5'000, 100, 100'000}, "Events a read."),
            duration("lease-ttl", {10s, 2s, 5min}, "A dead relay is replaced after this."),
            bytes("in-flight-bytes", {16 << 20, 1 << 20, 256 << 20}, "Unacknowledged."),
            choice("log-format", "auto|text|json", "auto", "How the log is written."),
            list("topic", "NAME", "A topic."),
            properties("kafka", "PROPERTY=VALUE", "A property of librdkafka."),
            argument(text("filter", "TEXT", "", "Of one call."))};
}

/// The values after a command line (words after the program's name) and an environment.
values resolved(std::vector<std::string> arguments, const variables& set = {},
                const std::string& yaml = "") {
    option_set options(rows());
    CLI::App app;
    options.add_flags(app);
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
    return options.resolve(set, parse_config("test.yaml", yaml));
}

/// The message and origin with which it is refused.
std::pair<origin, std::string> refusal(const std::vector<std::string>& arguments,
                                       const variables& set = {}, const std::string& yaml = "") {
    try {
        static_cast<void>(resolved(arguments, set, yaml));
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
    EXPECT_TRUE(v.list("topic").empty());
    EXPECT_TRUE(v.properties("kafka").empty());
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
    const values v = resolved({"--topic", "a", "--brokers", "k:1", "--topic", "b"});

    EXPECT_EQ(v.list("topic"), (std::vector<std::string>{"a", "b"}));
}

TEST(OptionSet, TakesTheFileOverTheDefaultAndBothOthersOverTheFile) {
    const std::string yaml = "brokers: file:1\npiece-events: 100\nlease-ttl: 3s\ntopic: [a, b]\n";

    const values v = resolved({"--brokers", "flag:1"}, {{"ONCEWARD_PIECE_EVENTS", "200"}}, yaml);

    EXPECT_EQ(v.text("brokers"), "flag:1");
    EXPECT_EQ(v.number("piece-events"), 200);
    EXPECT_EQ(v.duration("lease-ttl"), 3s);
    EXPECT_EQ(v.list("topic"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(v.from("lease-ttl"), origin::file);
    EXPECT_EQ(v.place("lease-ttl"), "test.yaml:3:1");
    EXPECT_EQ(v.place("piece-events"), "ONCEWARD_PIECE_EVENTS");
    EXPECT_EQ(v.place("brokers"), "--brokers");
    EXPECT_EQ(v.place("log-format"), "default");
}

TEST(OptionSet, NamesLineAndRangeOfWhatItRefusesFromTheFile) {
    const auto [from, message] = refusal({}, {}, "\n  piece-events: 5\n");

    EXPECT_EQ(from, origin::file);
    EXPECT_EQ(message,
              "piece-events from test.yaml:2:3: '5' is out of range; allowed: 100 to 100000 "
              "events.");
}

TEST(OptionSet, TakesEachPropertyFromItsStrongestSource) {
    const values v = resolved(
        {"--kafka", "linger.ms=7", "--kafka", "client.id=a=b"},
        {{"HOME", "/root"}, {"ONCEWARD_KAFKA_LINGER_MS", "5"}, {"ONCEWARD_KAFKA_BATCH_SIZE", "9"}},
        "kafka: {linger.ms: 1, batch.size: 1, acks: all}");

    const auto& p = v.properties("kafka");
    ASSERT_EQ(p.size(), 4U);
    EXPECT_EQ(p.at("linger.ms").value, "7");
    EXPECT_EQ(p.at("client.id").value, "a=b");
    EXPECT_EQ(p.at("batch.size").value, "9");
    EXPECT_EQ(p.at("batch.size").place, "ONCEWARD_KAFKA_BATCH_SIZE");
    EXPECT_EQ(p.at("acks").place, "test.yaml:1:38");
}

TEST(OptionSet, AllowsAnEmptyProperty) {
    EXPECT_EQ(resolved({"--kafka", "debug="}).properties("kafka").at("debug").value, "");
}

TEST(OptionSet, RefusesAPropertyThatIsNoPair) {
    for (const char* flag : {"linger.ms", "=5"}) {
        EXPECT_EQ(refusal({"--kafka", flag}).first, origin::flag) << flag;
    }
}

TEST(OptionSet, RefusesASecretAndItsFileFromOnePlace) {
    const auto [from, message] = refusal(
        {}, {}, "kafka:\n  sasl.password: s3cret\n  sasl.password_file: /run/secrets/kafka\n");

    EXPECT_EQ(from, origin::file);
    EXPECT_EQ(message, "sasl.password is given twice: in test.yaml:2:3 and in test.yaml:3:3.");
}

TEST(OptionSet, TakesAnArgumentOfOneCallFromItsFlagOnly) {
    EXPECT_EQ(resolved({}, {{"ONCEWARD_FILTER", "x"}}).text("filter"), "");
    EXPECT_EQ(resolved({"--filter", "x"}).text("filter"), "x");
}

TEST(OptionSet, SeesWhetherAValueDiffers) {
    const values v = resolved({}, {}, "lease-ttl: 3s\nkafka: {linger.ms: 1}");

    EXPECT_TRUE(v.same("lease-ttl", resolved({"--lease-ttl", "3000ms"})));
    EXPECT_FALSE(v.same("lease-ttl", resolved({})));
    EXPECT_TRUE(v.same("kafka", resolved({"--kafka", "linger.ms=1"})));
    EXPECT_FALSE(v.same("kafka", resolved({"--kafka", "linger.ms=2"})));
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
        if (o.type != kind::list && !o.is_argument) {
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
