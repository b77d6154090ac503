#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

TEST(InboxFence, ABatchOfAnOldEpochAppliesNothing) {
    world w;
    w.produce_values(5);
    auto o = w.options();
    running_inbox i(o, write_ledger);
    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 5; })) << i.log();

    w.value("UPDATE onceward.inbox_position SET epoch = epoch + 1, owner = 'a zombie'");
    w.produce_values(5, 6);

    EXPECT_TRUE(eventually([&] { return i.counts().fenced >= 1; })) << i.log();
    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 10; })) << i.log();
    EXPECT_EQ(w.value(gaps_and_repeats), "0");
    EXPECT_NE(w.value("SELECT owner FROM onceward.inbox_position"), "a zombie");
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_progress p, onceward.inbox_position q "
                      "WHERE p.epoch > q.epoch"),
              "0");
}

TEST(InboxFence, APositionThatAPersonPutsBackIsReadAgainAndRefused) {
    world w;
    w.produce_values(10);
    auto o = w.options();
    running_inbox i(o, write_ledger);
    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 10; })) << i.log();

    w.value("UPDATE onceward.inbox_position SET next_off = 4, epoch = epoch + 1");
    w.produce_values(1, 11);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 11; })) << i.log();
    EXPECT_TRUE(eventually([&] { return i.counts().duplicates == 6U; })) << i.log();
    EXPECT_EQ(w.value(gaps_and_repeats), "0");
}

TEST(InboxFence, TheTakeOfAPartitionWaitsForTheBatchInItsTransaction) {
    world w;
    w.produce_values(4);
    auto o = w.options();
    o.batch_max = 2;
    std::atomic<bool> in_batch{false};
    std::atomic<bool> go_on{false};
    running_inbox i(o, [&](handler_context& c, const message& m) {
        write_ledger(c, m);
        if (*m.payload != "1") return;
        in_batch = true;
        EXPECT_TRUE(eventually([&] { return go_on.load(); }));
    });
    EXPECT_TRUE(eventually([&] { return in_batch.load(); })) << i.log();

    std::jthread other([&] { w.value("UPDATE onceward.inbox_position SET epoch = epoch + 1"); });
    EXPECT_TRUE(eventually([&] { return w.sessions("wait_event_type = 'Lock'") == 1; }));
    go_on = true;
    other.join();
    // The batch that was waited for, be it of one message or two, according to what had arrived.
    EXPECT_GE(w.ledger_rows(), 1);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4"; })) << i.log();
}

}  // namespace
}  // namespace onceward::test
