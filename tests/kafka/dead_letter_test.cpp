/// @file
/// An event that Kafka refuses for good, among others that it takes.

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/admin.hpp"
#include "kafka/first_seen.hpp"
#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

constexpr int events = 200;
constexpr int refused = 77;

std::vector<int> all_but(int left_out) {
    std::vector<int> numbers;
    for (int n = 1; n <= events; ++n) {
        if (n != left_out) numbers.push_back(n);
    }
    return numbers;
}

class DeadLetter : public ::testing::Test {
protected:
    /// 200 events of one key in one transaction; one of them is larger than the topic takes.
    void add_events() {
        value_of(db_,
                 "SELECT count(onceward.add_bytes('" + topic_ +
                     "', 'k', 'numbered', convert_to(n || ' ' || (SELECT string_agg(md5(n || '-' "
                     "|| i), '') FROM generate_series(1, CASE n WHEN " +
                     std::to_string(refused) +
                     " THEN 600 ELSE 10 END) i), 'UTF8'), NULL)) "
                     "FROM generate_series(1, " +
                     std::to_string(events) + ") n");
    }
    /// Changes the topic's max.message.bytes, and waits until the broker goes by it.
    bool limit(int bytes) {
        configure_topic(brokers_, topic_, "max.message.bytes", std::to_string(bytes));
        auto admin = kafka::admin::open(brokers_, {});
        return eventually([&] {
            std::map<std::string, kafka::topic_description> now{{topic_, {}}};
            admin->read_settings(now);
            return now[topic_].max_message_bytes == bytes;
        });
    }
    std::string reason() {
        return value_of(db_, "SELECT reason FROM onceward.outbox_dead WHERE state = 'dead'");
    }
    /// The number behind `words` in the reason.
    int number_behind(const std::string& words) {
        const auto at = reason().find(words);
        EXPECT_NE(at, std::string::npos) << reason();
        return std::stoi(reason().substr(at + words.size()));
    }
    bool dead(const std::string& count) {
        return eventually(
            [&] {
                return value_of(db_,
                                "SELECT count(*) FROM onceward.outbox_dead "
                                "WHERE state = 'dead'") == count;
            },
            std::chrono::seconds{60});
    }
    std::string on_dead(const std::string& function, const std::string& more = "") {
        return value_of(db_, "SELECT onceward." + function + "(id, seq" + more +
                                 ") FROM onceward.outbox_dead WHERE state = 'dead'");
    }
    std::vector<int> read_until(std::size_t distinct) {
        std::vector<int> numbers;
        for (const auto& payload : first_seen(reader_, distinct))
            numbers.push_back(std::stoi(payload));
        return numbers;
    }

    std::string brokers_ = shared_kafka();
    std::string database_ = migrated_database();
    pg::connection db_ = connect(database_);
    std::string topic_ = fresh_topic(brokers_, 1, {{"max.message.bytes", "5000"}});
    topic_reader reader_{brokers_, topic_};
};

}  // namespace

// Goal: the topic's limit is known before anything is sent, so that neither the event that passes
// it nor a batch of others that together do costs a producer.
TEST_F(DeadLetter, IsFoundBeforeABatchIsRefused) {
    add_events();
    running_relay relay(quick_relay(database_, brokers_));

    EXPECT_EQ(read_until(events - 1), all_but(refused));
    ASSERT_TRUE(dead("1"));
    EXPECT_NE(reason().find(topic_), std::string::npos) << reason();
    EXPECT_GT(number_behind(" takes "), 19'200) << reason();
    EXPECT_EQ(number_behind("max.message.bytes allows "), 5'000) << reason();
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().dead_lettered, 1U);
    EXPECT_EQ(relay.counts().rebuilds, 0U);
}

// Goal: the size in the reason is the broker's own, to the byte, and a limit that was raised counts
// at once. Method: the topic takes a byte less than the dead letter needs, then exactly that.
TEST_F(DeadLetter, FitsWhereTheTopicTakesExactlyItsSize) {
    // All numbers have six digits then, and the redriven event's header is no longer.
    value_of(db_, "SELECT setval('onceward.outbox_seq', 100000)");
    add_events();
    running_relay relay(quick_relay(database_, brokers_));
    ASSERT_TRUE(dead("1"));
    const int size = number_behind(" takes ");

    ASSERT_TRUE(limit(size - 1));
    on_dead("dead_redrive");
    ASSERT_TRUE(dead("1"));
    EXPECT_EQ(number_behind("max.message.bytes allows "), size - 1);
    EXPECT_EQ(number_behind(" takes "), size);

    ASSERT_TRUE(limit(size));
    on_dead("dead_redrive");
    EXPECT_EQ(read_until(events).back(), refused);
}

TEST_F(DeadLetter, NamesTheProducersOwnLimit) {
    ASSERT_TRUE(limit(50'000));
    auto o = quick_relay(database_, brokers_);
    o.kafka["message.max.bytes"] = "4000";
    add_events();
    running_relay relay(o);

    ASSERT_TRUE(dead("1"));
    EXPECT_EQ(number_behind("message.max.bytes of the relay's producer (--kafka) allows "), 4'000);
    EXPECT_EQ(read_until(events - 1), all_but(refused));
}

// Goal: one event that the topic can never take costs none of its neighbours, which the broker
// refuses with it at first, neither their place nor their order; and it is not lost.
// Method: what is compressed nobody but the broker can judge.
TEST_F(DeadLetter, TakesTheEventAtFaultAndNoOther) {
    add_events();
    auto o = quick_relay(database_, brokers_);
    o.kafka["compression.type"] = "gzip";
    running_relay relay(o);

    EXPECT_EQ(read_until(events - 1), all_but(refused));
    EXPECT_TRUE(dead("1"));
    EXPECT_EQ(value_of(db_,
                       "SELECT split_part(convert_from(payload, 'UTF8'), ' ', 1) "
                       "FROM onceward.outbox_dead"),
              std::to_string(refused));
    EXPECT_NE(value_of(db_, "SELECT reason FROM onceward.outbox_dead").find(topic_),
              std::string::npos);
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().dead_lettered, 1U);
    EXPECT_GT(relay.counts().rebuilds, 0U);
}

TEST_F(DeadLetter, EditedAndRedrivenIsPublishedUnderItsIdBehindTheOthers) {
    add_events();
    running_relay relay(quick_relay(database_, brokers_));
    ASSERT_TRUE(dead("1"));
    const std::string id = value_of(db_, "SELECT id FROM onceward.outbox_dead");

    on_dead("dead_edit", ", p_payload => convert_to('77 smaller', 'UTF8')");
    EXPECT_EQ(on_dead("dead_redrive"), id);

    auto expected = all_but(refused);
    expected.push_back(refused);
    EXPECT_EQ(read_until(events), expected);
    EXPECT_EQ(reader_.read(0).back().header_value("id"), id);
    EXPECT_EQ(value_of(db_, "SELECT string_agg(action, ', ' ORDER BY at) FROM onceward.audit"),
              "dead edit, dead redrive");
}

TEST_F(DeadLetter, RedrivenUnmendedIsADeadLetterAgain) {
    add_events();
    running_relay relay(quick_relay(database_, brokers_));
    ASSERT_TRUE(dead("1"));

    on_dead("dead_redrive");

    ASSERT_TRUE(dead("1"));
    EXPECT_EQ(value_of(db_, "SELECT count(DISTINCT id) FROM onceward.outbox_dead"), "1");
    EXPECT_EQ(read_until(events - 1), all_but(refused));
}

// Goal: what a person has given up stays unpublished, also when the relay goes back to before it.
// Method: the topic is made larger, so that only the tombstone is left to keep the event out, and
// the cursor is put back to the beginning.
TEST_F(DeadLetter, DiscardedStaysOutOfAReplay) {
    const std::string start = value_of(db_, "SELECT lo FROM onceward.relay_cursor");
    add_events();
    {
        running_relay relay(quick_relay(database_, brokers_));
        ASSERT_TRUE(dead("1"));
        ASSERT_EQ(read_until(events - 1).size(), std::size_t{events - 1});
        ASSERT_TRUE(relay.stop());
    }
    on_dead("dead_discard");
    EXPECT_EQ(value_of(db_, "SELECT payload IS NULL FROM onceward.outbox_dead"), "t");
    configure_topic(brokers_, topic_, "max.message.bytes", "50000");
    value_of(db_, "UPDATE onceward.relay_cursor SET lo = '" + start + "'");

    running_relay relay(quick_relay(database_, brokers_));

    const std::size_t before = reader_.read(0).size();
    EXPECT_EQ(reader_.read(before + events - 1).size(), before + events - 1) << "nothing repeats";
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(read_until(events - 1), all_but(refused));
}

TEST_F(DeadLetter, LeavesItsTombstoneOnlyUntilTheCursorHasPassedIt) {
    add_events();
    running_relay relay(quick_relay(database_, brokers_));
    ASSERT_TRUE(dead("1"));

    on_dead("dead_discard");

    EXPECT_TRUE(eventually([&] {
        value_of(db_, "SELECT onceward.outbox_forget_tombstones(0::smallint)");
        return value_of(db_, "SELECT count(*) FROM onceward.outbox_dead") == "0";
    }));
}

}  // namespace onceward::test
