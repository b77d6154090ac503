#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

void pause_shard(pg::connection& c) {
    value_of(c, "INSERT INTO onceward.relay_pause (shard, reason) VALUES (0, 'topic moves')");
}

void resume_shard(pg::connection& c) {
    value_of(c, "DELETE FROM onceward.relay_pause");
}

bool becomes(const running_relay& r, relay_role role) {
    return eventually([&] { return r.state().role == role; });
}

}  // namespace

// Events that were added during a pause must stay where they are while the relay goes on with
// everything else: after two more renewals of the lease, which prove that its loop went round.
TEST_F(Relay, PublishesNothingWhilePausedAndKeepsTheLease) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);
    pause_shard(db_);
    ASSERT_TRUE(becomes(relay, relay_role::paused));
    const auto lease = value_of(db_, "SELECT lease_id FROM onceward.relay_cursor");

    for (int v = 2; v <= 5; ++v) add(db_, "k", v);
    for (int renewals = 0; renewals < 2; ++renewals) {
        const auto until = value_of(db_, "SELECT lease_until FROM onceward.relay_cursor");
        ASSERT_TRUE(eventually([&] {
            return value_of(db_, "SELECT lease_until FROM onceward.relay_cursor") != until;
        }));
    }

    EXPECT_EQ(relay.counts().read, 1U);
    EXPECT_EQ(value_of(db_, "SELECT lease_id FROM onceward.relay_cursor"), lease);
    EXPECT_NE(relay.state().reason.find("topic moves"), std::string::npos);
    EXPECT_TRUE(relay.state().alive());
}

TEST_F(Relay, GoesOnAtTheSamePlaceWhenItIsResumed) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);
    pause_shard(db_);
    ASSERT_TRUE(becomes(relay, relay_role::paused));
    for (int v = 2; v <= 5; ++v) add(db_, "k", v);

    resume_shard(db_);

    const auto& records = log_.read(5);
    EXPECT_EQ(records.size(), 5U);  // and no repeat
    EXPECT_EQ(versions(records)["k"], one_to(5));
    EXPECT_TRUE(becomes(relay, relay_role::leader));
    EXPECT_EQ(relay.state().reason, "");
}

TEST_F(Relay, APauseOutlivesTheRelay) {
    pause_shard(db_);
    add(db_, "k", 1);
    {
        running_relay first(options());
        ASSERT_TRUE(becomes(first, relay_role::paused));
        EXPECT_TRUE(first.stop());
    }

    running_relay second(options());

    ASSERT_TRUE(becomes(second, relay_role::paused));
    EXPECT_EQ(second.counts().read, 0U);
    resume_shard(db_);
    EXPECT_EQ(log_.read(1).size(), 1U);
}

TEST_F(Relay, StopsAtOnceWhilePaused) {
    pause_shard(db_);
    running_relay relay(options());
    ASSERT_TRUE(becomes(relay, relay_role::paused));
    add(db_, "k", 1);

    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.relay_cursor WHERE owner IS NULL"), "1");
}

// Events of a held topic go out at the begin of a tenure, past the reader: a pause must hold there
// too, while the topic could be published to again and while the tenures change.
TEST_F(Relay, PublishesNoHeldEventsWhilePaused) {
    auto o = options();
    o.hold_grace = std::chrono::milliseconds(100);
    value_of(db_, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");
    for (int v = 1; v <= 3; ++v) add(db_, "k", v);
    {
        running_relay first(o);
        ASSERT_TRUE(eventually(
            [&] { return value_of(db_, "SELECT count(*) FROM onceward.outbox_held") == "3"; }));
        pause_shard(db_);
        ASSERT_TRUE(becomes(first, relay_role::paused));
    }
    value_of(db_, "UPDATE onceward.topic_pin SET partitions = 3");

    running_relay second(o);
    ASSERT_TRUE(becomes(second, relay_role::paused));  // the begin of its tenure is over
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.outbox_held"), "3");
    EXPECT_EQ(second.counts().published, 0U);

    resume_shard(db_);
    add(db_, "k", 4);
    EXPECT_EQ(versions(log_.read(4))["k"], one_to(4));
}

// A large window is read in many pieces: a pause must hold between two of them, too.
TEST_F(Relay, PausesInTheMiddleOfALargeWindow) {
    auto o = options();
    o.piece_events = 50;
    value_of(db_,
             "SELECT count(onceward.add('orders', 'k', 'changed', to_jsonb('k ' || v))) FROM "
             "generate_series(1, 20000) v");
    running_relay relay(o);
    ASSERT_TRUE(eventually([&] { return relay.counts().published > 0; }));

    pause_shard(db_);
    ASSERT_TRUE(becomes(relay, relay_role::paused));
    ASSERT_TRUE(eventually([&] { return relay.counts().published == relay.counts().read; }));
    EXPECT_LT(relay.counts().published, 20'000U);

    resume_shard(db_);
    EXPECT_TRUE(eventually([&] { return relay.counts().published == 20'000U; }));
    EXPECT_EQ(relay.counts().read, 20'000U);
}

}  // namespace onceward::test
