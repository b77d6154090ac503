#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exit_code.hpp"
#include "options/sections.hpp"
#include "relay/relayed_outbox.hpp"
#include "relay/setup.hpp"
#include "relay_settings.hpp"

namespace onceward::cli {
namespace {

using names = std::vector<std::string>;

options::values values_of(const std::string& yaml) {
    return options::option_set(relay_rows())
        .resolve({}, options::parse_config("o.yaml", "brokers: k:1\n" + yaml));
}

relay_change change(const std::string& from, const std::string& to) {
    return relay_change_of(relay_setup_of(values_of(from)), values_of(to), relay_rows());
}

TEST(RelaySetup, NeedsBrokers) {
    EXPECT_THROW(relay_setup_of(options::option_set(relay_rows()).resolve({})), stop_with);
}

TEST(RelayChange, IsNoneWhereNothingDiffers) {
    const auto c = change("lease-ttl: 3s", "lease-ttl: 3000ms");

    EXPECT_EQ(c.changed, names{});
    EXPECT_EQ(c.kept, names{});
}

TEST(RelayChange, TakesWhatMayChangeWhileRunning) {
    const auto c = change("", "lease-ttl: 3s\nlog-level: debug\nkafka: {linger.ms: 9}\n");

    EXPECT_EQ(c.changed, (names{"kafka", "lease-ttl", "log-level"}));
    EXPECT_EQ(c.next.outboxes.front().options.lease_ttl, std::chrono::seconds(3));
    EXPECT_EQ(c.next.outboxes.front().options.kafka.at("linger.ms"), "9");
    EXPECT_EQ(c.next.log.least, log::level::debug);
}

TEST(RelayChange, KeepsWhatTheRelayIsAboutAndNamesIt) {
    const auto c = change("database: host=a\nshard: 1\n",
                          "database: host=b\nshard: 2\nschema: other\npoll-max: 1s\n");

    EXPECT_EQ(c.kept, (names{"database", "schema", "shard"}));
    EXPECT_EQ(c.changed, names{"poll-max"});
    EXPECT_EQ(c.next.outboxes.front().options.database, "host=a");
    EXPECT_EQ(c.next.outboxes.front().options.schema, "onceward");
    EXPECT_EQ(c.next.outboxes.front().options.shard, 1);
}

/// As the relay reads a file with several outboxes.
options::values several(const std::string& yaml, const options::variables& env = {}) {
    const options::option_set set(relay_rows());
    const auto file = options::parse_config("o.yaml", "brokers: k:1\n" + yaml);
    auto values = set.resolve(env, file);
    for (const auto& s : options::sections_of(file, "outboxes"))
        values.sections.push_back(set.resolve_section(env, file, s));
    return values;
}

/// The message with which they are refused.
std::string refusal(const std::string& yaml, const options::variables& env = {}) {
    try {
        relay_setup_of(several(yaml, env));
    } catch (const stop_with& e) {
        return e.what();
    } catch (const options::bad_option& e) {
        return e.what();
    }
    return "accepted";
}

TEST(RelayOutboxes, SetWhatDiffersAndInheritTheRest) {
    const auto setup = relay_setup_of(
        several("database: host=a\nlease-ttl: 3s\nkafka: {linger.ms: 7, acks: all}\noutboxes:\n"
                "  - name: shop\n  - {name: billing, schema: billing, kafka: {linger.ms: 9}}\n"));

    ASSERT_EQ(setup.outboxes.size(), 2U);
    const auto& shop = setup.outboxes[0];
    const auto& billing = setup.outboxes[1];
    EXPECT_EQ(shop.label(), "shop");
    EXPECT_EQ(shop.options.schema, "onceward");
    EXPECT_EQ(shop.options.kafka.at("linger.ms"), "7");
    EXPECT_EQ(billing.options.name, "billing");
    EXPECT_EQ(billing.options.schema, "billing");
    EXPECT_EQ(billing.options.database, "host=a");
    EXPECT_EQ(billing.options.lease_ttl, std::chrono::seconds(3));
    EXPECT_EQ(billing.options.kafka.at("linger.ms"), "9");
    EXPECT_EQ(billing.options.kafka.at("acks"), "all");
}

TEST(RelayOutboxes, AreOneWithoutANameWhereNoneAreListed) {
    const auto setup = relay_setup_of(several("schema: shop\nname: anna\noutboxes: []\n"));

    ASSERT_EQ(setup.outboxes.size(), 1U);
    EXPECT_EQ(setup.outboxes[0].name, "");
    EXPECT_EQ(setup.outboxes[0].label(), "shop");
    EXPECT_EQ(setup.outboxes[0].options.name, "anna");
}

TEST(RelayOutboxes, NeedNamesThatTellThemApart) {
    EXPECT_EQ(refusal("outboxes: [{name: a}, {schema: b}]"),
              "each of the outboxes in the configuration file needs a name of its own");
    EXPECT_EQ(refusal("outboxes: [{name: a}, {name: a, schema: b}]"),
              "two of the outboxes are named a");
}

TEST(RelayOutboxes, AreNoTwoOfOneShard) {
    EXPECT_NE(refusal("outboxes: [{name: a}, {name: b}]")
                  .find("the outbox b is the same database, schema and shard"),
              std::string::npos);
    EXPECT_EQ(refusal("outboxes: [{name: a}, {name: b, shard: 1}, {name: c, database: host=c}]"),
              "accepted");
}

TEST(RelayOutboxes, AreNoMoreThanOneProcessServes) {
    const auto list = [](std::size_t n) {
        std::string yaml = "outboxes:\n";
        for (std::size_t i = 0; i < n; ++i)
            yaml += fmt::format("- {{name: n{0}, schema: s{0}}}\n", i);
        return yaml;
    };
    EXPECT_EQ(refusal(list(outboxes_max)), "accepted");
    EXPECT_NE(refusal(list(outboxes_max + 1)).find("too many for one relay"), std::string::npos);
}

TEST(RelayOutboxes, RefuseWhatAVariableOverridesForAllOfThem) {
    const std::string yaml = "outboxes:\n- {name: a, schema: a}\n- {name: b, schema: b}\n";

    EXPECT_EQ(refusal(yaml, {{"ONCEWARD_SCHEMA", "c"}}),
              "o.yaml:3:13: schema is set here and by the environment variable ONCEWARD_SCHEMA, "
              "which wins for all of them; remove one of the two.");
    EXPECT_EQ(refusal(yaml, {{"ONCEWARD_DATABASE", "host=a"}}), "accepted");
    EXPECT_NE(
        refusal("outboxes: [{name: a, kafka: {linger.ms: 4}}]", {{"ONCEWARD_KAFKA_LINGER_MS", "5"}})
            .find("kafka.linger.ms is set here and by the environment variable"),
        std::string::npos);
}

TEST(RelayOutboxes, TakeTheirOwnChangesAndKeepTheirList) {
    const std::string before = "outboxes:\n- name: a\n- {name: b, schema: b}\n";
    const auto c = relay_change_of(relay_setup_of(several(before)),
                                   several("outboxes:\n- {name: b, schema: c, poll-max: 1s}\n"
                                           "- {name: d, schema: d}\n"),
                                   relay_rows());

    EXPECT_EQ(c.changed, names{"b.poll-max"});
    EXPECT_EQ(c.kept, (names{"b.schema", "outboxes"}));
    ASSERT_EQ(c.next.outboxes.size(), 2U);
    EXPECT_EQ(c.next.outboxes[0].name, "a");
    EXPECT_EQ(c.next.outboxes[1].options.schema, "b");
    EXPECT_EQ(c.next.outboxes[1].options.poll_max, std::chrono::seconds(1));
}

outbox_facts facts(const std::string& name, relay_role role, const std::string& reason = "") {
    outbox_facts f{.setup = {.name = name}};
    f.state.role = role;
    f.state.reason = reason;
    return f;
}

TEST(RelayOutboxes, AreOneStateForAServiceManager) {
    const auto a = facts("a", relay_role::leader);

    EXPECT_EQ(overall({a, facts("b", relay_role::connecting)}).role, relay_role::connecting);
    const auto one = overall({a, facts("b", relay_role::connecting, "no route")});
    EXPECT_EQ(one.role, relay_role::leader);
    EXPECT_EQ(one.reason, "a leader; b connecting: no route");
    EXPECT_TRUE(one.alive());
    auto hangs = facts("c", relay_role::standby);
    hangs.state.since_tick = std::chrono::seconds(5);
    EXPECT_FALSE(overall({a, hangs}).alive());
}

}  // namespace
}  // namespace onceward::cli
