/// @file
/// Topics that are missing, too narrow, or changed under the relay.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kafka/first_seen.hpp"
#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "kafka/topic_reader.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

class Topic : public ::testing::Test {
protected:
    std::string brokers_ = shared_kafka();
    std::string database_ = migrated_database();
    pg::connection app_ = connect(database_);

    void add(const std::string& topic, int number, int bytes = 0) {
        value_of(app_, "SELECT onceward.add('" + topic +
                           "', 'k', 'counted', jsonb_build_object('n', " + std::to_string(number) +
                           ", 'pad', repeat('x', " + std::to_string(bytes) + ")))");
    }

    relay_options stopping() {
        auto o = quick_relay(database_, brokers_);
        o.on_refused = refused_event::stop;
        return o;
    }

    bool cursor_says(const std::string& state, const std::string& text) {
        return eventually(
            [&] {
                const auto r =
                    app_.exec("SELECT state, coalesce(reason, '') FROM onceward.relay_cursor");
                return r && r->text(0, 0) == state &&
                       r->text(0, 1).find(text) != std::string_view::npos;
            },
            std::chrono::seconds{30});
    }
};

}  // namespace

TEST_F(Topic, MissingIsSaidAndWaitedFor) {
    const std::string topic = fresh_topic_name();
    running_relay relay(quick_relay(database_, brokers_));
    add(topic, 1);
    ASSERT_TRUE(cursor_says("running", topic)) << "the cursor row does not name the topic";
    EXPECT_TRUE(eventually([&] { return relay.has_said(topic); })) << "nor does the log";

    create_topic(brokers_, topic, 2);

    EXPECT_EQ(topic_reader(brokers_, topic).read(1).size(), 1U);
    EXPECT_TRUE(eventually(
        [&] { return value_of(app_, "SELECT reason FROM onceward.relay_cursor").empty(); }));
}

// Goal: an event that the topic can never take stops its shard, is not skipped, and takes none with
// it. Method: the topic's limit is 5,000 bytes; ten small events, one of 20,000 bytes, ten small
// ones. The broker refuses whole batches, so that its neighbours are refused with it at first.
TEST_F(Topic, TooSmallForAnEventStopsTheShardBeforeItWhereThatIsAskedFor) {
    const std::string topic = fresh_topic(brokers_, 1, {{"max.message.bytes", "5000"}});
    value_of(app_, "BEGIN");
    for (int n = 1; n <= 10; ++n) add(topic, n, 100);
    add(topic, 11, 20'000);
    for (int n = 12; n <= 21; ++n) add(topic, n, 100);
    value_of(app_, "COMMIT");
    running_relay relay(stopping());

    EXPECT_TRUE(cursor_says("stopped", topic))
        << "the cursor row does not say that the shard is stopped";

    topic_reader reader(brokers_, topic);
    reader.read(10);
    EXPECT_TRUE(reader.at_end()) << "an event after the refused one was published";
    std::string last;
    for (const auto& m : reader.read(0)) last = m.payload.value_or("");
    EXPECT_NE(last.find("\"n\": 10"), std::string::npos) << last;
}

TEST_F(Topic, MadeLargerLetsARestartedRelayGoOnWithoutALoss) {
    const std::string topic = fresh_topic(brokers_, 1, {{"max.message.bytes", "5000"}});
    add(topic, 1);
    add(topic, 2, 20'000);
    add(topic, 3);
    {
        running_relay relay(stopping());
        ASSERT_TRUE(cursor_says("stopped", topic)) << "the shard is not stopped";
    }

    configure_topic(brokers_, topic, "max.message.bytes", "50000");
    running_relay relay(stopping());

    topic_reader reader(brokers_, topic);
    const auto payloads = first_seen(reader, 3);
    ASSERT_EQ(payloads.size(), 3U);
    for (int n = 1; n <= 3; ++n) {
        const std::string number = "\"n\": " + std::to_string(n);
        EXPECT_NE(payloads[static_cast<std::size_t>(n) - 1].find(number), std::string::npos);
    }
    EXPECT_TRUE(cursor_says("running", ""));
}

TEST_F(Topic, WithMorePartitionsThanAtFirstIsRefused) {
    const std::string topic = fresh_topic(brokers_, 2);
    value_of(app_,
             "INSERT INTO onceward.topic_pin (topic, partitions) VALUES ('" + topic + "', 1)");
    running_relay relay(quick_relay(database_, brokers_));
    add(topic, 1);

    EXPECT_TRUE(cursor_says("running", "2 partitions"));
    EXPECT_TRUE(topic_reader(brokers_, topic).at_end());
}

}  // namespace onceward::test
