/// @file
/// A topic that cannot be published to, among others that can.

#include <string>

#include <gtest/gtest.h>

#include "kafka/first_seen.hpp"
#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

class HeldTopic : public ::testing::Test {
protected:
    void add(const std::string& topic, int from, int to) {
        value_of(db_, "SELECT count(onceward.add('" + topic +
                          "', 'k', 'numbered', to_jsonb(n))) FROM generate_series(" +
                          std::to_string(from) + ", " + std::to_string(to) + ") n");
    }
    bool held(const std::string& count) {
        return eventually(
            [&] { return value_of(db_, "SELECT count(*) FROM onceward.outbox_held") == count; },
            std::chrono::seconds{60});
    }
    relay_options quick() {
        auto o = quick_relay(database_, brokers_);
        o.hold_grace = std::chrono::milliseconds{300};
        return o;
    }
    /// The numbers of the events in their order, each where it is first seen.
    std::string numbers(const std::string& topic, std::size_t count) {
        topic_reader reader(brokers_, topic);
        std::string all;
        for (const auto& n : first_seen(reader, count)) all += " " + n;
        return all;
    }

    std::string brokers_ = shared_kafka();
    std::string database_ = migrated_database();
    pg::connection db_ = connect(database_);
    std::string missing_ = fresh_topic_name();
    std::string there_ = fresh_topic(brokers_, 1);
};

}  // namespace

TEST_F(HeldTopic, LetsTheOthersGoOn) {
    running_relay relay(quick());
    add(missing_, 1, 3);
    add(there_, 1, 3);

    EXPECT_EQ(numbers(there_, 3), " 1 2 3");
    EXPECT_TRUE(held("3"));
    EXPECT_EQ(value_of(db_, "SELECT topic FROM onceward.outbox_hold"), missing_);
    EXPECT_TRUE(relay.has_said(missing_));
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().held, 3U);
}

// Goal: once the topic is there, what waited comes first, in order, and what comes later behind it.
TEST_F(HeldTopic, DrainsInOrderBeforeWhatIsNewer) {
    running_relay relay(quick());
    add(missing_, 1, 5);
    ASSERT_TRUE(held("5"));
    add(missing_, 6, 9);
    ASSERT_TRUE(held("9"));

    create_topic(brokers_, missing_, 1);
    add(missing_, 10, 12);

    EXPECT_EQ(numbers(missing_, 12), " 1 2 3 4 5 6 7 8 9 10 11 12");
    EXPECT_TRUE(held("0"));
    EXPECT_TRUE(eventually(
        [&] { return value_of(db_, "SELECT count(*) FROM onceward.outbox_hold") == "0"; }));
}

TEST_F(HeldTopic, SurvivesTheRelay) {
    {
        running_relay relay(quick());
        add(missing_, 1, 4);
        ASSERT_TRUE(held("4"));
        ASSERT_TRUE(relay.stop());
    }
    create_topic(brokers_, missing_, 1);
    add(missing_, 5, 6);

    running_relay successor(quick());

    EXPECT_EQ(numbers(missing_, 6), " 1 2 3 4 5 6");
    EXPECT_TRUE(held("0"));
}

TEST_F(HeldTopic, StopsTheShardWhenTooManyWait) {
    auto o = quick();
    o.held_events_max = 4;
    running_relay relay(o);
    add(missing_, 1, 4);
    ASSERT_TRUE(held("4"));
    add(missing_, 5, 6);

    EXPECT_TRUE(eventually([&] {
        return value_of(db_, "SELECT reason FROM onceward.relay_cursor").find("held-events-max") !=
               std::string::npos;
    }));
    EXPECT_TRUE(held("4"));
    create_topic(brokers_, missing_, 1);

    EXPECT_EQ(numbers(missing_, 6), " 1 2 3 4 5 6");
}

TEST_F(HeldTopic, WithAnEventThatItRefusesKeepsTheRest) {
    running_relay relay(quick());
    add(missing_, 1, 2);
    value_of(db_, "SELECT onceward.add('" + missing_ +
                      "', 'k', 'numbered', to_jsonb(repeat('x', 9000)))");
    add(missing_, 4, 5);
    ASSERT_TRUE(held("5"));

    create_topic(brokers_, missing_, 1, {{"max.message.bytes", "5000"}});

    EXPECT_EQ(numbers(missing_, 4), " 1 2 4 5");
    EXPECT_TRUE(held("0"));
    EXPECT_EQ(value_of(db_, "SELECT octet_length(payload) > 9000 FROM onceward.outbox_dead"), "t");
}

}  // namespace onceward::test
