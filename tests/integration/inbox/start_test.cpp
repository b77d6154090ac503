#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

TEST(InboxStart, WaitsForADatabaseThatIsAway) {
    world w;
    w.produce_values(3);
    w.allow_connections(false);

    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.logged("cannot be reached yet"); })) << i.log();
    w.allow_connections(true);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; })) << i.log();
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

TEST(InboxStart, WaitsForABrokerThatIsAway) {
    world w;
    w.produce_values(3);
    w.broker.down();

    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.logged("Kafka: ") || i.logged("librdkafka"); }))
        << i.log();
    w.broker.up();

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; }, 60s)) << i.log();
}

}  // namespace
}  // namespace onceward::test
