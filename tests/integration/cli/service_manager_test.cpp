#include <chrono>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "dev/embedded_broker.hpp"
#include "program.hpp"
#include "support/eventually.hpp"
#include "support/notify_listener.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::captured_process;
using test::command_line;
using test::durable_server;
using test::eventually;
using test::value_of;

/// `onceward relay` as systemd starts it, with Type=notify and a watchdog.
class RelayService : public testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> relay(const std::string& name) const {
        return command_line({"relay", "--database", database_, "--brokers", broker_.bootstrap(),
                             "--lease-ttl", "2s", "--name", name});
    }

    [[nodiscard]] std::string holder() {
        return value_of(db_,
                        "SELECT coalesce(split_part(owner, '/', 1), '') FROM onceward.relay_cursor "
                        "WHERE lease_until > now()");
    }

    std::string database_ = test::migrated_database(durable_server());
    pg::connection db_ = test::connect(database_);
    dev::embedded_broker broker_{{{"orders", 2}}};
};

TEST_F(RelayService, IsReadyWhenItHoldsTheLeaseAndSaysThatItStops) {
    test::notify_listener manager;
    captured_process p(relay("one"),
                       {"NOTIFY_SOCKET=" + manager.address(), "WATCHDOG_USEC=200000"});

    ASSERT_TRUE(eventually([&] { return manager.has("READY=1"); })) << p.err();
    EXPECT_EQ(holder(), "one");
    EXPECT_TRUE(eventually([&] { return manager.has("WATCHDOG=1"); }));
    EXPECT_NE(manager.received().find("\nSTATUS=leader"), std::string::npos);
    EXPECT_FALSE(manager.has("STOPPING=1"));

    p.signal(SIGTERM);
    EXPECT_EQ(p.wait(), 0) << p.err();
    EXPECT_TRUE(manager.has("STOPPING=1"));
}

/// Where `line` begins in `text` at or behind `from`; npos if nowhere.
std::size_t line_at(const std::string& text, const std::string& line, std::size_t from = 0) {
    return text.find("\n" + line, from);
}

// Goal: systemctl reload returns when the reload is over, not when the signal was sent.
TEST_F(RelayService, SaysThatItReloadsAndWhenItHasDoneSo) {
    test::notify_listener manager;
    captured_process p(relay("one"), {"NOTIFY_SOCKET=" + manager.address()});
    ASSERT_TRUE(eventually([&] { return manager.has("READY=1"); })) << p.err();
    const auto asked = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());

    p.signal(SIGHUP);

    ASSERT_TRUE(eventually([&] {
        const auto reloading = line_at(manager.received(), "RELOADING=1\n");
        return reloading != std::string::npos &&
               line_at(manager.received(), "READY=1\n", reloading) != std::string::npos;
    })) << p.err();
    const auto& all = manager.received();
    const std::string stamp = "RELOADING=1\nMONOTONIC_USEC=";
    const auto at = line_at(all, stamp);
    ASSERT_NE(at, std::string::npos) << all;
    EXPECT_GE(std::stoll(all.substr(at + 1 + stamp.size())), asked.count());
}

TEST_F(RelayService, IsReadyWhenItStandsBy) {
    captured_process holds(relay("one"));
    ASSERT_TRUE(eventually([&] { return holder() == "one"; })) << holds.err();

    test::notify_listener manager(test::notify_listener::kind::abstract);
    captured_process waits(relay("two"), {"NOTIFY_SOCKET=" + manager.address()});

    ASSERT_TRUE(eventually([&] { return manager.has("READY=1"); })) << waits.err();
    EXPECT_NE(manager.received().find("\nSTATUS=standby"), std::string::npos);
    EXPECT_EQ(holder(), "one");
}

TEST_F(RelayService, IsNeverReadyWhereItCannotWork) {
    test::notify_listener manager;
    auto elsewhere = relay("one");
    elsewhere.insert(elsewhere.end(), {"--schema", "nowhere"});
    captured_process p(elsewhere, {"NOTIFY_SOCKET=" + manager.address()});

    EXPECT_EQ(p.wait(), 78) << p.err();
    EXPECT_FALSE(manager.has("READY=1"));
}

TEST_F(RelayService, RefusesASocketItDoesNotUnderstand) {
    captured_process p(relay("one"), {"NOTIFY_SOCKET=vsock:2:1"});

    EXPECT_EQ(p.wait(), 78);
    EXPECT_NE(p.err().find("NOTIFY_SOCKET is 'vsock:2:1'"), std::string::npos) << p.err();
}

}  // namespace
}  // namespace onceward
