#include <gtest/gtest.h>

#include "exit_code.hpp"
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
    EXPECT_EQ(c.next.options.lease_ttl, std::chrono::seconds(3));
    EXPECT_EQ(c.next.options.kafka.at("linger.ms"), "9");
    EXPECT_EQ(c.next.log.least, log::level::debug);
}

TEST(RelayChange, KeepsWhatTheRelayIsAboutAndNamesIt) {
    const auto c = change("database: host=a\nshard: 1\n",
                          "database: host=b\nshard: 2\nschema: other\npoll-max: 1s\n");

    EXPECT_EQ(c.kept, (names{"database", "schema", "shard"}));
    EXPECT_EQ(c.changed, names{"poll-max"});
    EXPECT_EQ(c.next.options.database, "host=a");
    EXPECT_EQ(c.next.options.schema, "onceward");
    EXPECT_EQ(c.next.options.shard, 1);
}

}  // namespace
}  // namespace onceward::cli
