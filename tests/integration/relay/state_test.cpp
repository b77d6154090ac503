#include "relay_fixture.hpp"

namespace onceward::test {

using reach = relay_connection::reach;

TEST_F(Relay, SaysThatItLeadsAndReachesBothServers) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);

    EXPECT_TRUE(eventually([&] { return relay.state().published_at.has_value(); }));
    const auto s = relay.state();
    EXPECT_EQ(s.role, relay_role::leader);
    EXPECT_EQ(s.reason, "");
    EXPECT_EQ(s.database.now, reach::up);
    EXPECT_EQ(s.kafka.now, reach::up);
    EXPECT_TRUE(s.alive());
    ASSERT_TRUE(s.lease_left.has_value());
    EXPECT_LE(*s.lease_left, options().lease_ttl);
}

// An idle leader must know it, too: not only acknowledged events tell.
TEST_F(Relay, KnowsThatKafkaIsReachedBeforeItPublishesAnything) {
    auto o = options();
    o.kafka["statistics.interval.ms"] = "50";
    running_relay relay(o);

    EXPECT_TRUE(eventually([&] { return relay.state().kafka.now == reach::up; }));
    EXPECT_FALSE(relay.state().published_at.has_value());
}

TEST_F(Relay, SaysThatAStandbyStandsBy) {
    running_relay first(options());
    ASSERT_TRUE(eventually([&] { return first.state().role == relay_role::leader; }));
    running_relay second(options());

    ASSERT_TRUE(eventually([&] { return second.state().role == relay_role::standby; }));
    EXPECT_FALSE(second.state().lease_left.has_value());
    EXPECT_EQ(second.state().kafka.now, reach::unknown);
    EXPECT_EQ(second.state().database.now, reach::up);
}

TEST_F(Relay, SaysThatKafkaIsAway) {
    auto o = options();
    o.brokers = "127.0.0.1:1";
    running_relay relay(o);

    ASSERT_TRUE(eventually([&] { return relay.state().kafka.now == reach::down; }));
    EXPECT_NE(relay.state().kafka.trouble, "");
    EXPECT_EQ(relay.state().role, relay_role::leader);
}

TEST_F(Relay, SaysWhyATopicHoldsItUp) {
    value_of(db_, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");
    running_relay relay(options());
    add(db_, "k", 1);

    EXPECT_TRUE(eventually([&] {
        return relay.state().reason.find("has 3 partitions, but 99") != std::string::npos;
    }));
    EXPECT_EQ(relay.state().role, relay_role::leader);
    value_of(db_, "UPDATE onceward.topic_pin SET partitions = 3");
    EXPECT_TRUE(eventually([&] { return relay.state().reason.empty(); }));
}

TEST_F(Relay, SaysThatTheDatabaseIsAway) {
    auto o = options();
    o.database = "host=127.0.0.1 port=1 dbname=none";
    running_relay relay(o);

    ASSERT_TRUE(eventually([&] { return relay.state().database.now == reach::down; }));
    EXPECT_EQ(relay.state().role, relay_role::connecting);
    EXPECT_NE(relay.state().reason, "");
    EXPECT_TRUE(relay.state().alive());  // it waits for its next try
}

// The statement counts what the cursor has not passed; a paused shard keeps that in place.
TEST_F(Relay, LooksAtTheBacklogOnATimer) {
    value_of(db_, "INSERT INTO onceward.relay_pause (shard, reason) VALUES (0, 'test')");
    for (int v = 1; v <= 3; ++v) add(db_, "k", v);
    value_of(db_,
             "INSERT INTO onceward.outbox_dead (id, shard, xid, seq, topic, type, created_at, "
             "reason) VALUES (gen_random_uuid(), 0, '1', 1, 't', 'e', now(), 'too large')");
    auto o = options();
    o.sample_interval = std::chrono::milliseconds(20);
    running_relay relay(o);

    ASSERT_TRUE(eventually([&] { return relay.state().backlog.has_value(); }));
    const auto seen = *relay.state().backlog;
    EXPECT_EQ(seen.pending_events, 3);
    EXPECT_FALSE(seen.pending_is_more);
    EXPECT_GT(seen.oldest_pending_s, 0);
    EXPECT_EQ(seen.dead_events, 1);
    EXPECT_GT(seen.table_bytes, 0);

    value_of(db_, "DELETE FROM onceward.relay_pause");
    EXPECT_TRUE(eventually([&] { return relay.state().backlog->pending_events == 0; }));
}

TEST_F(Relay, SaysWhenTheOutboxIsTooLargeOnDiskAndWhenItIsNotAnyMore) {
    value_of(db_, "SELECT onceward.outbox_disk_limit(8192)");
    auto o = options();
    o.sample_interval = std::chrono::milliseconds(20);
    running_relay relay(o);

    EXPECT_TRUE(eventually(
        [&] { return relay.log().find("larger on disk than its limit") != std::string::npos; }));
    EXPECT_EQ(relay.state().backlog->table_bytes_limit, 8'192);
    value_of(db_, "SELECT onceward.outbox_disk_limit(1099511627776)");
    EXPECT_TRUE(eventually([&] {
        return relay.log().find("within its limit on disk again") != std::string::npos;
    }));
}

}  // namespace onceward::test
