/// @file
/// Topics made, looked at and given more partitions by the program, on a real broker.

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/admin.hpp"
#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "kafka/topic_reader.hpp"
#include "support/captured_process.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

class TopicsCommand : public ::testing::Test {
protected:
    struct answer {
        int code;
        std::string out, err;
    };

    answer topics(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {ONCEWARD_PROGRAM, "topics"});
        arguments.insert(arguments.end(), {"--database", database_, "--brokers", brokers_});
        captured_process p(arguments);
        const auto code = p.wait();
        return {code.value_or(-1), p.out(), p.err()};
    }

    void add(int from, int to) {
        value_of(db_, "SELECT onceward.add('" + topic_ +
                          "', 'k' || n % 50, 'counted', to_jsonb(n)) "
                          "FROM generate_series(" +
                          std::to_string(from) + ", " + std::to_string(to) + ") n");
    }

    bool all_published() {
        return eventually(
            [&] {
                return value_of(db_,
                                "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c "
                                "WHERE NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)") ==
                       "0";
            },
            std::chrono::seconds{60});
    }

    std::string brokers_ = shared_kafka();
    std::string topic_ = fresh_topic_name();
    std::string database_ = migrated_database();
    pg::connection db_ = connect(database_);
};

}  // namespace

TEST_F(TopicsCommand, CreateMakesATopicWithItsSettingsAndPinsIt) {
    const auto made = topics({"create", topic_, "--partitions", "3", "--replication", "1",
                              "--config", "max.message.bytes=5000"});
    ASSERT_EQ(made.code, 0) << made.err;
    EXPECT_EQ(value_of(db_, "SELECT topic || partitions FROM onceward.topic_pin"), topic_ + "3");

    const auto looked = topics({"check"});
    EXPECT_EQ(looked.code, 0) << looked.out;
    EXPECT_NE(looked.out.find("takes messages of 5000 bytes"), std::string::npos) << looked.out;

    EXPECT_EQ(topics({"create", topic_, "--partitions", "3"}).code, 0)
        << "it is there as asked for";
    const auto other = topics({"create", topic_, "--partitions", "4"});
    EXPECT_EQ(other.code, 1);
    EXPECT_NE(other.err.find("has not 4 partitions"), std::string::npos) << other.err;
}

TEST_F(TopicsCommand, CreateSaysWhatTheBrokerRefuses) {
    const auto r = topics({"create", topic_, "--partitions", "1", "--replication", "9"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("eplication factor"), std::string::npos) << r.err;
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.topic_pin"), "0");
}

TEST_F(TopicsCommand, CheckDoesNotMakeTheTopicThatItMisses) {
    add(1, 1);

    EXPECT_EQ(topics({"check"}).code, 1);
    EXPECT_EQ(topics({"check"}).code, 1);
}

// Goal: a running relay goes on with the new count, at once and in order. Method: events before and
// after; a key's later ones stand where the new count puts them, all of them.
TEST_F(TopicsCommand, RepinRaisesThePartitionsUnderARunningRelay) {
    ASSERT_EQ(topics({"create", topic_, "--partitions", "1"}).code, 0);
    running_relay relay(quick_relay(database_, brokers_));
    add(1, 100);
    ASSERT_TRUE(all_published());

    const auto r = topics({"repin", topic_, "--partitions", "6", "--yes"});
    ASSERT_EQ(r.code, 0) << r.err;
    add(101, 200);

    topic_reader reader(brokers_, topic_);
    std::set<std::int32_t> before, after;
    ASSERT_TRUE(eventually(
        [&] {
            for (const auto& m : reader.read(200))
                (std::stoi(*m.payload) <= 100 ? before : after).insert(m.partition);
            return reader.read(200).size() >= 200;
        },
        std::chrono::seconds{60}));
    EXPECT_EQ(before, std::set<std::int32_t>{0});
    EXPECT_GT(after.size(), 3U);
    EXPECT_EQ(topics({"check"}).code, 0);
}

// Goal: where partitions were added by hand, the events that wait do not stand in the way of the
// remedy: they are what it lets go. Method: the relay that sees the new count holds the topic.
TEST_F(TopicsCommand, RepinLetsGoOfATopicThatWasGivenPartitionsByHand) {
    ASSERT_EQ(topics({"create", topic_, "--partitions", "1"}).code, 0);
    auto by_hand = kafka::admin::open(brokers_, {});
    ASSERT_TRUE(by_hand);
    ASSERT_TRUE(by_hand->raise_partitions(topic_, 4));
    ASSERT_TRUE(eventually([&] { return topics({"check"}).code == 1; }));
    auto options = quick_relay(database_, brokers_);
    options.hold_grace = std::chrono::milliseconds{300};
    running_relay relay(options);
    add(1, 50);
    const std::string held = "SELECT count(*) FROM onceward.outbox_held";
    ASSERT_TRUE(eventually([&] { return value_of(db_, held) == "50"; }, std::chrono::seconds{60}));

    const auto r = topics({"repin", topic_, "--partitions", "4", "--yes"});

    ASSERT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(topic_reader(brokers_, topic_).read(50).size(), 50U);
    EXPECT_TRUE(eventually([&] { return value_of(db_, held) == "0"; }));
}

}  // namespace onceward::test
