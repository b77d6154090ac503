#include "relay_settings.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "options/option_set.hpp"

namespace onceward::cli {
namespace {

using variables = std::map<std::string, std::string>;

/// All fields of relay_options as text, by the name of their option.
variables fields_of(const relay_options& o) {
    const auto ms = [](std::chrono::milliseconds d) { return std::to_string(d.count()) + "ms"; };
    return {{"database", o.database},
            {"schema", o.schema},
            {"brokers", o.brokers},
            {"name", o.name},
            {"shard", std::to_string(o.shard)},
            {"lease-ttl", ms(o.lease_ttl)},
            {"poll-min", ms(o.poll_min)},
            {"poll-max", ms(o.poll_max)},
            {"piece-events", std::to_string(o.piece_events)},
            {"piece-bytes", std::to_string(o.piece_bytes) + "B"},
            {"in-flight-bytes", std::to_string(o.in_flight_bytes) + "B"},
            {"checkpoint-interval", ms(o.checkpoint_interval)},
            {"retry-min", ms(o.retry_min)},
            {"retry-max", ms(o.retry_max)},
            {"stop-timeout", ms(o.stop_timeout)},
            {"sample-interval", ms(o.sample_interval)},
            {"on-refused", o.on_refused == refused_event::stop ? "stop" : "dead-letter"},
            {"hold-grace", ms(o.hold_grace)},
            {"held-events-max", std::to_string(o.held_events_max)},
            {"capture", o.capture == capture_engine::wal ? "wal" : "poll"}};
}

relay_options with(const variables& set) {
    const options::option_set all(relay_rows());
    auto env = options::variables(set.begin(), set.end());
    env["ONCEWARD_KAFKA_LINGER_MS"] = "7";
    const auto values = all.resolve(env);
    return relay_options_of(values, read_endpoints(values, env));
}

/// The rows that are no field of relay_options: the log's and the one that is read apart.
const std::set<std::string> other_rows{
    "admin-listen", "admin-token-file", "kafka",     "log-format",
    "outbox",       "outboxes",         "log-level", "database-password-file"};

TEST(RelaySettings, HaveASoundTable) {
    EXPECT_EQ(options::flaw_of(relay_rows()), "");
}

TEST(RelaySettings, HaveTheDefaultsOfTheLibrary) {
    EXPECT_EQ(fields_of(with({})), fields_of(relay_options{}));
}

TEST(RelaySettings, HaveARowForEveryField) {
    variables fields = fields_of(relay_options{});
    for (const auto& row : relay_rows()) {
        if (!other_rows.contains(row.name)) {
            EXPECT_EQ(fields.erase(row.name), 1U) << row.name;
        }
    }

    EXPECT_TRUE(fields.empty()) << fields.begin()->first;
}

// Each option sets its own field and no other: a pair that is swapped would show here.
TEST(RelaySettings, SetEachItsOwnField) {
    for (const auto& row : relay_rows()) {
        if (other_rows.contains(row.name)) continue;
        std::string value = "other";
        if (row.type == options::kind::choice) value = row.unit.substr(row.unit.find('|') + 1);
        if (row.type == options::kind::count) value = std::to_string(row.fallback + 1);
        if (row.type == options::kind::bytes) value = std::to_string(row.fallback + 1) + "B";
        if (row.type == options::kind::duration) value = std::to_string(row.fallback + 1) + "ms";

        variables expected = fields_of(relay_options{});
        expected[row.name] = value;
        EXPECT_EQ(fields_of(with({{options::environment_name(row), value}})), expected) << row.name;
    }
}

TEST(RelaySettings, HandOverKafkaProperties) {
    EXPECT_EQ(with({}).kafka, (std::map<std::string, std::string>{{"linger.ms", "7"}}));
}

}  // namespace
}  // namespace onceward::cli
