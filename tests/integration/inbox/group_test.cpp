#include <atomic>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

constexpr auto each_value_once_per_partition =
    "SELECT count(*) FROM (SELECT v - lag(v, 1, 0) OVER (PARTITION BY part ORDER BY n) AS step "
    "FROM ledger) s "
    "WHERE step <> 1";

// Goal: members that come and go neither lose a message nor apply one twice, and keep each
// partition's order.
// Method: messages flow all the time; a second consumer joins, both work, the first leaves.
TEST(InboxGroup, LosesAndDoublesNothingWhenMembersComeAndGo) {
    world w(4);
    int made = 0;
    const auto produce_more = [&](int each) {
        for (std::int32_t p = 0; p < 4; ++p) w.produce_values(each, made + 1, p);
        made += each;
    };
    const auto owners = [&] {
        return w.value("SELECT count(DISTINCT owner) FROM onceward.inbox_position");
    };
    produce_more(100);

    auto first = std::make_unique<running_inbox>(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return first->counts().applied > 0; })) << first->log();
    running_inbox second(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] {
        produce_more(5);
        return owners() == "2" && second.counts().applied > 0;
    })) << first->log()
        << second.log();
    first->stop();
    produce_more(50);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 4 * made; }, 60s)) << second.log();
    EXPECT_EQ(w.value(each_value_once_per_partition), "0");
    EXPECT_EQ(w.value("SELECT count(*) - count(DISTINCT id) FROM ledger"), "0");
}

TEST(InboxGroup, ResumesAtItsOwnPositionAndNotAtKafkas) {
    world w;
    w.produce_values(20);
    w.commit_in_kafka(17);
    w.value(
        "INSERT INTO onceward.inbox_position (consumer, topic, partition, epoch, next_off) "
        "VALUES ('shipping', 'orders', 0, 3, 4)");
    w.value(
        "INSERT INTO onceward.inbox_progress (consumer, topic, partition, epoch, next_off) "
        "VALUES ('shipping', 'orders', 0, 3, 10), ('shipping', 'orders', 0, 2, 19)");

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "11,12,13,14,15,16,17,18,19,20"; }))
        << i.log();
    EXPECT_EQ(i.counts().received, 10U);
}

TEST(InboxGroup, ContinuesAfterARestartWithoutReadingAnythingAgain) {
    world w;
    w.produce_values(10);
    {
        running_inbox i(w.options(), write_ledger);
        EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 10; })) << i.log();
    }
    w.produce_values(10, 11);

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 20; })) << i.log();
    EXPECT_EQ(i.counts().received, 10U);
    EXPECT_EQ(w.value(each_value_once_per_partition), "0");
}

TEST(InboxGroup, TellsKafkaItsPositionForThoseWhoWatchLag) {
    world w;
    w.produce_values(10);

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.committed_in_kafka() == 10; })) << i.log();
}

TEST(InboxStart, LatestSkipsWhatIsThereAtTheFirstStartOnly) {
    world w;
    w.produce_values(5);
    auto o = w.options();
    o.start = start_at::latest;
    {
        running_inbox i(o, write_ledger);
        EXPECT_TRUE(eventually([&] { return i.logged("is ours"); })) << i.log();
        w.produce_values(3, 6);
        EXPECT_TRUE(eventually([&] { return w.ledger() == "6,7,8"; })) << i.log();
    }
    w.produce_values(2, 9);

    running_inbox again(o, write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "6,7,8,9,10"; })) << again.log();
}

TEST(InboxStart, StopsWhereTheTopicEndsBeforeThePosition) {
    world w;
    w.produce_values(5);
    w.value(
        "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) VALUES "
        "('shipping', 'orders', 0, 900)");

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT state FROM onceward.inbox_position"), "stopped");
    EXPECT_NE(w.value("SELECT reason FROM onceward.inbox_position").find("made anew"),
              std::string::npos);
    EXPECT_EQ(w.ledger_rows(), 0);
}

TEST(InboxStart, WaitsForADatabaseAndATopicThatAreNotThereYet) {
    world w;
    w.produce_values(3);
    w.broker.down();

    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.logged("Kafka: ") || i.logged("librdkafka"); }))
        << i.log();
    w.broker.up();

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; }, 60s)) << i.log();
}

// Goal: a consumer whose epoch was raised by another applies nothing under the old one, and the
// group's rightful owner takes its partition again by itself.
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
    EXPECT_EQ(w.value(each_value_once_per_partition), "0");
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
    EXPECT_EQ(i.counts().duplicates, 6U) << i.log();
    EXPECT_EQ(w.value(each_value_once_per_partition), "0");
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
    EXPECT_GE(w.ledger_rows(), 2);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4"; })) << i.log();
}

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
