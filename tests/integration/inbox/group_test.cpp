#include <memory>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

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
    EXPECT_EQ(w.value(gaps_and_repeats), "0");
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
    EXPECT_TRUE(eventually([&] { return i.counts().received == 10U; }));
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
    EXPECT_TRUE(eventually([&] { return i.counts().received == 10U; }));
    EXPECT_EQ(w.value(gaps_and_repeats), "0");
}

TEST(InboxGroup, TellsKafkaItsPositionForThoseWhoWatchLag) {
    world w;
    w.produce_values(10);

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.committed_in_kafka() == 10; })) << i.log();
}

TEST(InboxGroup, MakesItsConsumerAnewWhileAPartitionCannotBeTaken) {
    world w;
    w.produce_values(3);
    w.value(
        "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) "
        "VALUES ('shipping', 'orders', 0, 0)");
    w.value("BEGIN");
    w.value("SELECT 1 FROM onceward.inbox_position FOR UPDATE");

    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.logged("is made anew"); }, 60s)) << i.log();
    w.value("ROLLBACK");

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; }, 60s)) << i.log();
}

}  // namespace
}  // namespace onceward::test
