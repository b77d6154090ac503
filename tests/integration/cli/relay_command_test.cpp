#include "relay_command.hpp"

#include <csignal>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "program.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::captured_process;
using test::command_line;
using test::eventually;
using test::value_of;

using test::durable_server;
using test::RelayCommand;

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

// By TCP the private server wants a password: without one nobody is let in, with the file's
// everybody.
TEST_F(RelayCommand, LogsInWithAPasswordFromAFile) {
    const std::string conninfo =
        durable_server().tcp_conninfo(value_of(db_, "SELECT current_database()"));
    const auto passfile = conninfo.find(" passfile=");
    const std::string line = test::content_of(durable_server().directory() / "pgpass");
    const test::temp_directory files;
    std::ofstream(files.path() / "password") << line.substr(line.rfind(':') + 1);
    ::chmod((files.path() / "password").c_str(), 0600);
    const std::vector<std::string> to{"--database", conninfo.substr(0, passfile)};

    for (std::vector<std::string> command :
         {std::vector<std::string>{"status"},
          {"migrate", "status"},
          {"inbox", "maintain"},
          {"config", "check", "--online", "--brokers", broker_.bootstrap()}}) {
        command.insert(command.end(), to.begin(), to.end());
        EXPECT_EQ(test::run_onceward(command, {"PGPASSWORD"}).code, 69) << command.front();
        command.insert(command.end(), {"--database-password-file", files.path() / "password"});
        const auto r = test::run_onceward(command, {"PGPASSWORD"});
        EXPECT_LE(r.code, 1) << command.front() << r.err;
    }

    captured_process p(command_line({"relay", "--brokers", broker_.bootstrap(), to[0], to[1],
                                     "--database-password-file", files.path() / "password"}),
                       {"PGPASSWORD"});
    add_event();
    EXPECT_TRUE(eventually([&] { return all_published(); })) << p.err();
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
