/// @file
/// An event that Kafka refuses for good, among others that it takes.

#include <string>
#include <vector>

#include <gtest/gtest.h>

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
        value_of(db_, "SELECT count(onceward.add_bytes('" + topic_ +
                          "', 'k', 'numbered', convert_to(n || repeat(' ', CASE n WHEN " +
                          std::to_string(refused) +
                          " THEN 20000 ELSE 300 END), 'UTF8'), NULL)) "
                          "FROM generate_series(1, " +
                          std::to_string(events) + ") n");
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

// Goal: one event that the topic can never take costs none of its neighbours, which the broker
// refuses with it at first, neither their place nor their order; and it is not lost.
TEST_F(DeadLetter, TakesTheEventAtFaultAndNoOther) {
    add_events();
    running_relay relay(quick_relay(database_, brokers_));

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
