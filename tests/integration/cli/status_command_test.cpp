#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::run_onceward;
using test::value_of;

class StatusCommand : public testing::Test {
protected:
    /// The status as JSON, and its exit code.
    struct seen {
        int code;
        nlohmann::json json;
        std::string err;
    };

    [[nodiscard]] seen look(const std::string& more = "") const {
        const auto r = run_onceward({"status", "--json", "--database", database_ + more});
        return {r.code, nlohmann::json::parse(r.out, nullptr, false), r.err};
    }

    void add_events(int n) {
        value_of(db_,
                 "SELECT count(onceward.add('orders', g::text, 'placed', '{}'::jsonb)) FROM "
                 "generate_series(1, " +
                     std::to_string(n) + ") g");
    }

    void hold_lease(const std::string& until) {
        value_of(
            db_,
            "UPDATE onceward.relay_cursor SET lease_id = gen_random_uuid(), owner = 'relay/1', "
            "state = 'running', epoch = 3, lease_until = " +
                until);
    }

    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
};

TEST_F(StatusCommand, IsWellWhereNothingWaits) {
    const auto s = look();

    EXPECT_EQ(s.code, 0) << s.json.dump(2);
    EXPECT_EQ(s.json["well"], true);
    EXPECT_EQ(s.json["shards"][0]["lease"], "none");
    EXPECT_EQ(s.json["shards"][0]["pending"], 0);
}

TEST_F(StatusCommand, CountsWhatNobodyRelays) {
    add_events(7);

    const auto s = look();

    EXPECT_EQ(s.code, 1);
    EXPECT_EQ(s.json["shards"][0]["pending"], 7);
    EXPECT_EQ(s.json["shards"][0]["pending_is_more"], false);
    EXPECT_EQ(s.json["problems"].size(), 1U);
    EXPECT_NE(s.json["problems"][0]["remedy"].get<std::string>().find("onceward relay"),
              std::string::npos);
}

TEST_F(StatusCommand, IsReadyWhileARelayHoldsTheShardWhateverWaits) {
    const auto ready = [&] { return run_onceward({"status", "--ready", "--database", database_}); };
    add_events(3);
    const auto alone = ready();
    EXPECT_EQ(alone.code, 1);
    EXPECT_EQ(alone.out, "");
    EXPECT_NE(alone.err.find("no relay holds the lease of shard 0"), std::string::npos);

    hold_lease("now() + interval '1 hour'");
    value_of(db_, "INSERT INTO onceward.relay_pause (shard, reason) VALUES (0, 'topic moves')");

    const auto held = ready();
    EXPECT_EQ(held.code, 0) << held.err;
    EXPECT_EQ(held.out + held.err, "");
    EXPECT_EQ(look().code, 1);  // paused and waiting is not well
}

TEST_F(StatusCommand, NamesAPauseAndAHeldTopic) {
    value_of(db_, "INSERT INTO onceward.relay_pause (shard, reason) VALUES (0, 'topic moves')");
    value_of(
        db_,
        "INSERT INTO onceward.outbox_hold (shard, topic, reason) VALUES (0, 'orders', 'none')");
    value_of(db_,
             "INSERT INTO onceward.outbox_held (shard, xid, seq, id, topic, type, created_at) "
             "VALUES (0, '1', 1, gen_random_uuid(), 'orders', 't', now())");

    const auto s = look();

    EXPECT_EQ(s.json["shards"][0]["paused"]["reason"], "topic moves");
    EXPECT_EQ(s.json["held_topics"][0]["topic"], "orders");
    EXPECT_EQ(s.json["held_topics"][0]["events"], 1);
    EXPECT_EQ(s.json["problems"].size(), 2U) << s.json.dump(2);
}

// The relay's admin port asks with the relay's role.
TEST_F(StatusCommand, ShowsTheShardsToTheRelaysRoleAndNotTheInbox) {
    value_of(db_,
             "DO $$ BEGIN CREATE ROLE status_relay LOGIN IN ROLE onceward_relay; EXCEPTION WHEN "
             "duplicate_object THEN NULL; END $$");

    const auto s = look(" user=status_relay");

    EXPECT_EQ(s.code, 0) << s.err;
    EXPECT_EQ(s.json["shards"].size(), 1U);
    EXPECT_TRUE(s.json["inbox"].is_null());
}

TEST_F(StatusCommand, StopsCountingAtTenThousand) {
    add_events(10'050);

    const auto s = look();
    const auto text = run_onceward({"status", "--database", database_});

    EXPECT_EQ(s.json["shards"][0]["pending"], 10'000);
    EXPECT_EQ(s.json["shards"][0]["pending_is_more"], true);
    EXPECT_NE(text.out.find("10000+"), std::string::npos) << text.out;
}

TEST_F(StatusCommand, DoesNotCountWhatTheCursorHasPassed) {
    add_events(5);
    value_of(db_, "UPDATE onceward.relay_cursor SET lo = pg_current_snapshot()::text");
    add_events(2);

    EXPECT_EQ(look().json["shards"][0]["pending"], 2);
}

TEST_F(StatusCommand, DoesNotCountWhatALargeWindowHasPublished) {
    add_events(9);
    value_of(db_,
             "UPDATE onceward.relay_cursor SET hi = pg_current_snapshot()::text, done_seq = 6");

    EXPECT_EQ(look().json["shards"][0]["pending"], 3);
}

TEST_F(StatusCommand, CountsAnEventThatWasOpenWhenTheCursorPassed) {
    auto slow = test::connect(database_);
    value_of(slow, "BEGIN");
    value_of(slow, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)");
    add_events(3);
    value_of(db_, "UPDATE onceward.relay_cursor SET lo = pg_current_snapshot()::text");
    value_of(slow, "COMMIT");

    EXPECT_EQ(look().json["shards"][0]["pending"], 1);
}

TEST_F(StatusCommand, TellsAHeldLeaseFromAnExpiredOne) {
    add_events(1);

    hold_lease("clock_timestamp() + interval '1 hour'");
    const auto held = look();
    hold_lease("clock_timestamp() - interval '1 hour'");
    const auto expired = look();

    EXPECT_EQ(held.code, 0) << held.json.dump(2);
    EXPECT_EQ(held.json["shards"][0]["lease"], "held");
    EXPECT_EQ(held.json["shards"][0]["owner"], "relay/1");
    EXPECT_EQ(held.json["shards"][0]["epoch"], 3);
    EXPECT_EQ(expired.code, 1);
    EXPECT_EQ(expired.json["shards"][0]["lease"], "expired");
}

TEST_F(StatusCommand, GivesTheReasonOfAStoppedShardAndPartition) {
    value_of(db_, "UPDATE onceward.relay_cursor SET state = 'stopped', reason = 'poison'");
    value_of(
        db_,
        "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off, state, reason) "
        "VALUES ('billing', 'orders', 2, 40, 'stopped', 'no such customer')");

    const auto s = look();

    EXPECT_EQ(s.code, 1);
    EXPECT_EQ(s.json["problems"].size(), 2U);
    EXPECT_NE(s.json["problems"].dump().find("poison"), std::string::npos);
    EXPECT_NE(s.json["problems"].dump().find("no such customer"), std::string::npos);
}

TEST_F(StatusCommand, ShowsHowFarAPartitionIsApplied) {
    value_of(db_,
             "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off, epoch) "
             "VALUES ('billing', 'orders', 2, 40, 3), ('billing', 'orders', 3, 7, 1)");
    value_of(db_,
             "INSERT INTO onceward.inbox_progress (consumer, topic, partition, next_off, epoch) "
             "VALUES ('billing', 'orders', 2, 55, 3), ('billing', 'orders', 2, 50, 3), "
             "('billing', 'orders', 2, 99, 2)");  // an earlier epoch counts no more

    const auto s = look();

    EXPECT_EQ(s.json["inbox"][0]["next_offset"], 55);
    EXPECT_EQ(s.json["inbox"][1]["next_offset"], 7);
}

TEST_F(StatusCommand, CountsDeadLetters) {
    value_of(
        db_,
        "INSERT INTO onceward.outbox_dead (id, shard, xid, seq, topic, type, created_at, reason, "
        "state) SELECT gen_random_uuid(), 0, '1', 1, 't', 'x', now(), 'r', s "
        "FROM unnest(ARRAY['dead', 'dead', 'discarded']) s");

    const auto s = look();

    EXPECT_EQ(s.code, 1);
    EXPECT_EQ(s.json["outbox_dead"], 2);
}

TEST_F(StatusCommand, ShowsHeldTopicsAndWhatWaitsForThem) {
    value_of(db_,
             "INSERT INTO onceward.outbox_hold (shard, topic, reason) VALUES (0, 't', 'gone')");
    value_of(db_,
             "INSERT INTO onceward.outbox_held (shard, xid, seq, id, topic, type, created_at) "
             "SELECT 0, '1', n, gen_random_uuid(), 't', 'x', now() FROM generate_series(1, 3) n");

    const auto s = look();

    EXPECT_EQ(s.code, 1);
    EXPECT_EQ(s.json["held_topics"][0]["topic"], "t");
    EXPECT_EQ(s.json["held_topics"][0]["events"], 3);
}

TEST_F(StatusCommand, RaisesTheAlarmWhenTheOutboxIsTooLargeOnDisk) {
    value_of(db_, "SELECT onceward.outbox_disk_limit(8192)");

    const auto s = look();

    EXPECT_EQ(s.code, 1);
    EXPECT_EQ(s.json["disk"]["limit_bytes"], 8192);
    EXPECT_GT(s.json["disk"]["outbox_bytes"], 8192);
    EXPECT_NE(s.json["problems"].dump().find("on disk"), std::string::npos);
}

TEST_F(StatusCommand, NeedsTheMonitorsRoleOnly) {
    value_of(db_, "CREATE ROLE looker LOGIN IN ROLE onceward_monitor");
    value_of(db_, "CREATE ROLE app_only LOGIN IN ROLE onceward_app");
    add_events(2);

    const auto allowed = look(" user=looker");
    const auto refused = look(" user=app_only");

    EXPECT_EQ(allowed.code, 1) << allowed.err;
    EXPECT_EQ(allowed.json["shards"][0]["pending"], 2);
    EXPECT_EQ(refused.code, 78);
    EXPECT_NE(refused.err.find("GRANT onceward_monitor"), std::string::npos) << refused.err;
}

TEST(StatusCommandWithoutSchema, SaysHowToMakeIt) {
    const auto r = run_onceward({"status", "--database", test::empty_database()});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("onceward migrate up"), std::string::npos) << r.out;
}

}  // namespace
}  // namespace onceward
