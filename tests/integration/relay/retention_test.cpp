#include "relay_fixture.hpp"

namespace onceward::test {

/// A ring that turns in seconds.
class Retention : public Relay {
protected:
    void SetUp() override { value_of(db_, "SELECT onceward.outbox_retain('12 seconds')"); }

    std::string clean(int slot) {
        return value_of(
            db_, "SELECT onceward.outbox_clean_slot(" + std::to_string(slot) + "::smallint)");
    }
    /// The slot of the only leaf that has rows.
    int slot_of_rows() {
        return std::stoi(value_of(db_, "SELECT DISTINCT slot FROM onceward.outbox"));
    }
    std::string rows() { return value_of(db_, "SELECT count(*) FROM onceward.outbox"); }

    /// Waits until the slot is not the one that is being filled.
    [[nodiscard]] bool left(int slot) {
        return eventually([&] { return clean(slot) != "filling"; });
    }
    void acknowledge_all() {
        value_of(db_, "UPDATE onceward.relay_cursor SET lo = pg_current_snapshot()::text");
    }
    /// As if all that is acknowledged had been so for longer than the retention.
    void let_the_retention_pass() {
        value_of(db_, "UPDATE onceward.outbox_slot SET acked_at = acked_at - interval '1 hour'");
    }
};

TEST_F(Retention, KeepsWhatNoCursorCovers) {
    add(db_, "k", 1);
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));

    EXPECT_EQ(clean(slot), "unacknowledged");
    let_the_retention_pass();
    EXPECT_EQ(clean(slot), "unacknowledged");
    EXPECT_EQ(rows(), "1");
}

TEST_F(Retention, KeepsWhatWasAcknowledgedForItsTimeAndThenTruncatesIt) {
    add(db_, "k", 1);
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));
    acknowledge_all();

    EXPECT_EQ(clean(slot), "retained");
    EXPECT_EQ(rows(), "1");
    let_the_retention_pass();
    EXPECT_EQ(clean(slot), "truncated");
    EXPECT_EQ(rows(), "0");
    EXPECT_EQ(clean(slot), "empty");
}

TEST_F(Retention, KeepsALatecomerThatTheCursorDoesNotSee) {
    auto late = connect(database_);
    value_of(late, "BEGIN");
    add(late, "late", 1);
    acknowledge_all();  // while it is open
    value_of(late, "COMMIT");
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));
    let_the_retention_pass();

    EXPECT_EQ(clean(slot), "unacknowledged");
    EXPECT_EQ(rows(), "1");
}

TEST_F(Retention, NeitherWaitsForNorDisturbsATransactionThatUsesTheLeaf) {
    add(db_, "k", 1);
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));
    acknowledge_all();
    ASSERT_EQ(clean(slot), "retained");
    let_the_retention_pass();
    auto user = connect(database_);
    value_of(user, "BEGIN");
    value_of(user, "SELECT count(*) FROM onceward.outbox");

    EXPECT_EQ(clean(slot), "busy");
    value_of(user, "COMMIT");
    EXPECT_EQ(clean(slot), "truncated");
}

TEST_F(Retention, CountsABucketThatNoShardOwnsAsUnacknowledged) {
    add(db_, "k", 1);
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));
    value_of(db_, "UPDATE onceward.relay_cursor SET bucket_to = 254");
    acknowledge_all();

    EXPECT_EQ(clean(slot), "unacknowledged");
}

TEST_F(Retention, RefusesATimeThatTheRingCannotKeep) {
    EXPECT_EQ(sqlstate_of(db_, "SELECT onceward.outbox_retain('11 seconds')"), "23514");
    EXPECT_EQ(sqlstate_of(db_, "SELECT onceward.outbox_retain('31 days')"), "23514");
    EXPECT_EQ(
        sqlstate_of(db_, "UPDATE onceward.outbox_ring SET retain_seconds = slot_seconds * 13"),
        "23514");
}

TEST_F(Retention, ARelayGivesTheDiskBackByItself) {
    running_relay relay(options());
    for (int v = 1; v <= 50; ++v) add(db_, "k", v);
    ASSERT_EQ(log_.read(50).size(), 50U);

    ASSERT_TRUE(eventually(
        [&] {
            let_the_retention_pass();
            return rows() == "0";
        },
        std::chrono::seconds(60)));
    add(db_, "k", 51);
    EXPECT_EQ(versions(log_.read(51)).at("k"), one_to(51));
}

// The planted bug: a truncation that does not look loses what was not published yet.
TEST_F(Retention, WithoutItsCheckEventsAreLost) {
    value_of(db_,
             "CREATE OR REPLACE FUNCTION onceward.outbox_unacknowledged(p_slot smallint) RETURNS "
             "boolean "
             "LANGUAGE sql AS 'SELECT false'");
    add(db_, "k", 1);
    const int slot = slot_of_rows();
    ASSERT_TRUE(left(slot));
    let_the_retention_pass();

    EXPECT_EQ(clean(slot), "truncated");
    running_relay relay(options());
    add(db_, "k", 2);
    EXPECT_EQ(versions(log_.read(1)).at("k"), std::vector<int>{2})
        << "the first was not lost: is the plant still one?";
}

}  // namespace onceward::test
