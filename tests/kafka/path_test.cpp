/// @file
/// The whole way on a real Kafka: outbox, relay, topic, inbox, effect.

#include <string>

#include <gtest/gtest.h>

#include "kafka/real_kafka.hpp"
#include "kafka/running_ledger.hpp"
#include "kafka/running_relay.hpp"
#include "kafka/topic_reader.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

class Path : public ::testing::Test {
protected:
    std::string brokers_ = shared_kafka();
    std::string topic_ = fresh_topic(brokers_, 4);
    std::string producer_ = migrated_database();
    std::string consumer_ = migrated_database();
    pg::connection app_ = connect(producer_);
    pg::connection reader_ = connect(consumer_);

    /// Adds events numbered from..to on ten keys, a transaction each.
    void add(int from, int to) {
        value_of(app_,
                 "DO $$ BEGIN FOR i IN " + std::to_string(from) + ".." + std::to_string(to) +
                     " LOOP PERFORM onceward.add('" + topic_ +
                     "', 'key-' || i % 10, 'counted', to_jsonb(i)); COMMIT; END LOOP; END $$");
    }

    bool ledger_has(int rows) {
        return eventually(
            [&] {
                return value_of(reader_, "SELECT count(*) FROM ledger") == std::to_string(rows);
            },
            std::chrono::seconds{60});
    }

    /// How many rows of the ledger come after one of their key with a higher number.
    std::string out_of_order() {
        return value_of(
            reader_,
            "SELECT count(*) FROM (SELECT payload::int p, max(payload::int) OVER "
            "(PARTITION BY key ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) before "
            "FROM ledger) o WHERE p < before");
    }

    std::string repeated_effects() {
        return value_of(reader_, "SELECT count(*) - count(DISTINCT id) FROM ledger");
    }
};

}  // namespace

TEST_F(Path, EveryEventTakesEffectOnceAndInTheOrderOfItsKey) {
    running_relay relay(quick_relay(producer_, brokers_));
    running_ledger ledger(quick_inbox(consumer_, brokers_), topic_);

    add(1, 2000);

    EXPECT_TRUE(ledger_has(2000));
    EXPECT_EQ(repeated_effects(), "0");
    EXPECT_EQ(out_of_order(), "0");
}

// Goal: what Kafka has twice takes effect once.
// Method: the relay's cursor is put back to where it was before the first event, as a restored
// backup would do, so that all events are published again.
TEST_F(Path, WhatIsPublishedAgainTakesNoEffectAgain) {
    running_ledger ledger(quick_inbox(consumer_, brokers_), topic_);
    const std::string before = value_of(app_, "SELECT lo FROM onceward.relay_cursor");
    running_relay first(quick_relay(producer_, brokers_));
    add(1, 500);
    EXPECT_TRUE(ledger_has(500));
    EXPECT_TRUE(first.stop());

    value_of(app_,
             "UPDATE onceward.relay_cursor SET lo = '" + before + "', hi = NULL, done_seq = 0");
    running_relay second(quick_relay(producer_, brokers_));

    EXPECT_EQ(topic_reader(brokers_, topic_).read(1000).size(), 1000U);
    EXPECT_TRUE(eventually([&] { return ledger.counts().duplicates == 500; }));
    EXPECT_EQ(repeated_effects(), "0");
    EXPECT_TRUE(ledger_has(500));
}

TEST_F(Path, ASecondConsumerTakesOverWhenTheFirstLeaves) {
    running_relay relay(quick_relay(producer_, brokers_));
    running_ledger first(quick_inbox(consumer_, brokers_), topic_);
    running_ledger second(quick_inbox(consumer_, brokers_), topic_);
    add(1, 500);
    EXPECT_TRUE(ledger_has(500));

    first.stop();
    add(501, 1000);

    EXPECT_TRUE(ledger_has(1000));
    EXPECT_EQ(repeated_effects(), "0");
    EXPECT_EQ(out_of_order(), "0");
}

TEST_F(Path, AnotherConsumerNameSeesEveryEventAgain) {
    running_relay relay(quick_relay(producer_, brokers_));
    running_ledger ledger(quick_inbox(consumer_, brokers_), topic_);
    add(1, 100);
    EXPECT_TRUE(ledger_has(100));

    const std::string third = migrated_database();
    auto options = quick_inbox(third, brokers_);
    options.consumer = "another";
    running_ledger another(options, topic_);

    auto c = connect(third);
    EXPECT_TRUE(eventually([&] { return value_of(c, "SELECT count(*) FROM ledger") == "100"; }));
}

}  // namespace onceward::test
