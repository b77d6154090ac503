#include <atomic>
#include <memory>
#include <thread>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

TEST(InboxStop, EndsInItsBoundThoughAHandlerHangs) {
    world w;
    w.produce_values(1);
    auto o = w.options();
    o.stop_timeout = 1s;
    auto hangs = std::make_shared<std::atomic<int>>(0);
    running_inbox i(o, [hangs](handler_context&, const message&) {
        *hangs = 1;
        while (*hangs != 2) std::this_thread::sleep_for(5ms);
    });
    EXPECT_TRUE(eventually([&] { return *hangs == 1; })) << i.log();

    const auto took = i.stop();

    EXPECT_LT(took, 10s);
    EXPECT_TRUE(i.logged("left behind"));
    *hangs = 2;
}

TEST(InboxStop, CancelsAStatementThatWouldTakeTooLong) {
    world w;
    w.produce_values(1);
    auto o = w.options();
    o.stop_timeout = 1s;
    std::atomic<bool> sleeps{false};
    running_inbox i(o, [&](handler_context& c, const message&) {
        sleeps = true;
        c.tx().exec("SELECT pg_sleep(25)");
    });
    EXPECT_TRUE(eventually([&] { return sleeps.load(); })) << i.log();

    i.stop();

    EXPECT_FALSE(i.logged("left behind")) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox"), "0");
}

TEST(InboxStop, FreesThePositionOfAHandlerThatIdlesTooLong) {
    world w;
    w.produce_values(2);
    std::atomic<int> tries{0};

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        write_ledger(c, m);
        if (++tries > 1) return;
        EXPECT_TRUE(eventually([&] { return w.sessions("state = 'idle in transaction'") == 0; }));
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2"; })) << i.log();
    EXPECT_GE(i.counts().retries, 1U);
}

}  // namespace
}  // namespace onceward::test
