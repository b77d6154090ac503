#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "dev/embedded_broker.hpp"
#include "dev/private_postgres.hpp"
#include "program.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::captured_process;
using test::command_line;
using test::eventually;
using test::value_of;

/// The relay refuses a server without fsync. One a process.
dev::private_postgres& durable_server() {
    static dev::private_postgres one;
    return one;
}

class RelayCommand : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> relay(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"relay", "--database", database_, "--brokers",
                                   broker_.bootstrap(), "--lease-ttl", "2s"});
        return command_line(more);
    }

    void add_event() { value_of(db_, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)"); }

    /// Whether the relay has stored a cursor behind every event.
    [[nodiscard]] bool all_published() {
        return value_of(db_,
                        "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c WHERE NOT "
                        "pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)") == "0";
    }

    /// Cuts Kafka off, adds an event and waits until the relay has read it: a poll that began after
    /// its commit is over, and another one has begun.
    [[nodiscard]] bool has_an_event_in_flight() {
        broker_.down();
        add_event();
        const std::string committed = value_of(db_, "SELECT clock_timestamp()");
        const std::string polls =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query "
            "LIKE "
            "'%window_open%' AND pid <> pg_backend_pid() AND query_start > '" +
            committed + "'::timestamptz + interval '50 ms'";
        return eventually([&] { return value_of(db_, polls) == "1"; });
    }

    [[nodiscard]] bool lease_is_held() {
        return value_of(db_,
                        "SELECT count(*) FROM onceward.relay_cursor WHERE lease_until > now()") ==
               "1";
    }

    std::string database_ = test::migrated_database(durable_server());
    pg::connection db_ = test::connect(database_);
    dev::embedded_broker broker_{{{"orders", 2}}};
};

TEST_F(RelayCommand, PublishesUntilItIsToldToStopAndDrains) {
    captured_process p(relay());
    add_event();
    ASSERT_TRUE(eventually([&] { return all_published(); })) << p.err();

    p.signal(SIGTERM);

    EXPECT_EQ(p.wait(), 0) << p.err();
    EXPECT_NE(p.err().find("\"published\":1"), std::string::npos) << p.err();
    EXPECT_FALSE(lease_is_held());
}

TEST_F(RelayCommand, TakesItsOptionsFromTheEnvironment) {
    captured_process p(command_line({"relay"}),
                       {"ONCEWARD_DATABASE=" + database_, "ONCEWARD_BROKERS=" + broker_.bootstrap(),
                        "ONCEWARD_NAME=sidecar", "ONCEWARD_LOG_FORMAT=text"});
    ASSERT_TRUE(eventually([&] { return lease_is_held(); })) << p.err();

    EXPECT_TRUE(value_of(db_, "SELECT owner FROM onceward.relay_cursor").starts_with("sidecar/"));
    p.signal(SIGINT);
    EXPECT_EQ(p.wait(), 0);
    EXPECT_NE(p.err().find("INFO    lease taken shard=0"), std::string::npos) << p.err();
}

TEST_F(RelayCommand, ShowsNoDebugLinesUnlessAsked) {
    captured_process p(relay({"--log-level", "error"}));
    ASSERT_TRUE(eventually([&] { return lease_is_held(); }));
    p.signal(SIGTERM);

    EXPECT_EQ(p.wait(), 0);
    EXPECT_EQ(p.err(), "");
}

TEST_F(RelayCommand, StopsWithinItsBoundWhereKafkaIsAwayAndSaysThatWorkIsLeft) {
    captured_process p(relay({"--stop-timeout", "300ms"}));
    add_event();
    ASSERT_TRUE(eventually([&] { return all_published(); })) << p.err();
    ASSERT_TRUE(has_an_event_in_flight()) << p.err();

    p.signal(SIGTERM);

    EXPECT_EQ(p.wait(), 75) << p.err();
    EXPECT_FALSE(all_published());
}

TEST_F(RelayCommand, EndsAtOnceAtTheSecondInterrupt) {
    captured_process p(relay({"--stop-timeout", "10m"}));
    add_event();
    ASSERT_TRUE(eventually([&] { return all_published(); })) << p.err();
    ASSERT_TRUE(has_an_event_in_flight()) << p.err();

    EXPECT_TRUE(eventually([&] {
        p.signal(SIGINT);
        return p.wait(std::chrono::milliseconds{300}).has_value();
    }));
    EXPECT_EQ(p.wait(), 130) << p.err();
}

TEST_F(RelayCommand, RefusesADatabaseThatIsNotMigrated) {
    const auto r = test::run_onceward(
        {"relay", "--database", test::empty_database(durable_server()), "--brokers", "k:1"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("onceward migrate up"), std::string::npos) << r.err;
}

TEST_F(RelayCommand, RefusesARoleWithoutItsGrantsAndNamesThem) {
    value_of(db_, "CREATE ROLE relay_stranger LOGIN IN ROLE onceward_app");

    const auto r = test::run_onceward(
        {"relay", "--database", database_ + " user=relay_stranger", "--brokers", "k:1"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("GRANT onceward_relay TO relay_stranger"), std::string::npos) << r.err;
}

TEST_F(RelayCommand, NeedsTheRelaysRoleOnly) {
    value_of(db_, "CREATE ROLE relay_login LOGIN IN ROLE onceward_relay");
    captured_process p(command_line({"relay", "--database", database_ + " user=relay_login",
                                     "--brokers", broker_.bootstrap()}));
    add_event();

    EXPECT_TRUE(eventually([&] { return all_published(); })) << p.err();
    p.signal(SIGTERM);
    EXPECT_EQ(p.wait(), 0) << p.err();
}

TEST_F(RelayCommand, RefusesToStartWithoutBrokers) {
    const auto r = test::run_onceward({"relay", "--database", database_}, {"ONCEWARD_BROKERS"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("--brokers"), std::string::npos) << r.err;
}

TEST_F(RelayCommand, RefusesAKafkaPropertyThatDoesNotExist) {
    const auto bad_pair = test::run_onceward({"relay", "--database", database_, "--brokers",
                                              broker_.bootstrap(), "--kafka", "linger.ms"});

    EXPECT_EQ(bad_pair.code, 64);
    EXPECT_NE(bad_pair.err.find("property=value"), std::string::npos) << bad_pair.err;
}

TEST_F(RelayCommand, WarnsOfASecretOnTheCommandLineWithoutShowingIt) {
    captured_process p(relay({"--kafka", "sasl.password=s3cret"}));
    ASSERT_TRUE(eventually([&] { return p.err().find("sasl.password") != std::string::npos; }))
        << p.err();

    EXPECT_EQ(p.err().find("s3cret"), std::string::npos);
    p.signal(SIGTERM);
    EXPECT_TRUE(p.wait().has_value());
}

}  // namespace
}  // namespace onceward
