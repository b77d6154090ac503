#include <random>

#include "relay_fixture.hpp"

namespace onceward::test {

TEST_F(Relay, DeliversACommitThatComesAfterTenThousandLaterOnes) {
    running_relay relay(options());
    auto late = connect(database_);
    value_of(late, "BEGIN");
    add(late, "late", 1);
    value_of(db_,
             "SELECT count(onceward.add('orders', 'other', 'changed', to_jsonb('other ' || n))) "
             "FROM generate_series(1, 10000) n");
    ASSERT_TRUE(eventually([&] { return relay.counts().published == 10'000; }));

    value_of(late, "COMMIT");

    const auto all = versions(log_.read(10'001));
    EXPECT_EQ(all.at("late"), one_to(1));
    EXPECT_EQ(all.at("other"), one_to(10'000));
}

// Goal: a transaction that stays open delays nobody else's events. Method: it stays open while a
// hundred others are committed and seen in Kafka, one after the other.
TEST_F(Relay, AnOpenTransactionDelaysNoOtherEvent) {
    running_relay relay(options());
    auto open = connect(database_);
    value_of(open, "BEGIN");
    add(open, "open", 1);

    for (int i = 1; i <= 100; ++i) {
        add(db_, "k", i);
        ASSERT_EQ(log_.read(static_cast<std::size_t>(i)).size(), static_cast<std::size_t>(i));
    }

    value_of(open, "COMMIT");
    EXPECT_EQ(versions(log_.read(101)).at("open"), one_to(1));
}

// Goal: a window larger than a piece, with several transactions that were in progress at its start,
// is published in each key's order. Method: pieces of 16 events; latecomers that interleave.
TEST_F(Relay, PublishesAWindowLargerThanAPieceInKeyOrder) {
    auto o = options();
    o.piece_events = 16;
    std::vector<pg::connection> late;
    for (int i = 0; i < 3; ++i) {
        late.push_back(connect(database_));
        value_of(late.back(), "BEGIN");
        for (int v = 1; v <= 40; ++v) add(late.back(), "late" + std::to_string(i), v);
    }
    {
        running_relay first(o);  // its cursor is now a snapshot with three in progress
        add(db_, "k", 1);
        ASSERT_EQ(log_.read(1).size(), 1U);
        ASSERT_TRUE(first.stop());
    }
    for (int v = 2; v <= 200; ++v) add(db_, "k", v);
    for (int i = 0; i < 3; ++i) {
        auto& c = late[static_cast<std::size_t>(i)];
        for (int v = 41; v <= 60; ++v) add(c, "late" + std::to_string(i), v);
        value_of(c, "COMMIT");
    }

    running_relay relay(o);

    const auto all = versions(log_.read(200 + 3 * 60));
    EXPECT_EQ(all.at("k"), one_to(200));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(all.at("late" + std::to_string(i)), one_to(60)) << i;
    EXPECT_EQ(relay.counts().read, 199U + 180U);
}

// Goal: no loss, no repeat and no inversion for keys that are locked before the event is added, on
// a mixed load. Method: eight writers; xids are assigned before the key's lock is taken, some
// transactions stay open, some roll back; small pieces, so that large windows happen.
TEST_F(Relay, KeepsEveryKeysOrderUnderConcurrentWriters) {
    value_of(db_, "CREATE TABLE account (id int PRIMARY KEY, version int NOT NULL DEFAULT 0)");
    value_of(db_, "INSERT INTO account SELECT n FROM generate_series(1, 12) n");
    value_of(db_, "CREATE TABLE noise (n int)");
    auto o = options();
    o.piece_events = 8;
    running_relay relay(o);

    const auto write = [&](unsigned seed) {
        auto c = connect(database_);
        std::mt19937 dice(seed);
        for (int i = 0; i < 120; ++i) {
            value_of(c, "BEGIN");
            if (dice() % 2 == 0) value_of(c, "INSERT INTO noise VALUES (1)");
            if (dice() % 8 == 0) value_of(c, "SELECT pg_sleep(0.02)");
            const std::string key = std::to_string(dice() % 12 + 1);
            const auto version =
                value_of(c, "UPDATE account SET version = version + 1 WHERE id = " + key +
                                " RETURNING version");
            add(c, "a" + key, std::stoi(version));
            value_of(c, dice() % 10 == 0 ? "ROLLBACK" : "COMMIT");
        }
    };
    {
        std::vector<std::jthread> writers;
        for (unsigned seed = 1; seed <= 8; ++seed) writers.emplace_back(write, seed);
    }

    const auto expected = std::stoul(value_of(db_, "SELECT sum(version) FROM account"));
    const auto all = versions(log_.read(expected, std::chrono::seconds(60)));
    for (int k = 1; k <= 12; ++k) {
        const int last =
            std::stoi(value_of(db_, "SELECT version FROM account WHERE id = " + std::to_string(k)));
        EXPECT_EQ(all.at("a" + std::to_string(k)), one_to(last)) << k;
    }
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().published, expected);
}

TEST_F(Relay, ReadsOnlyThroughIndexesAndWithoutTemporaryFiles) {
    auto o = options();
    o.piece_events = 100;
    // One transaction that fills a leaf whose statistics say that every row matches.
    value_of(db_,
             "SELECT count(onceward.add('orders', 'k' || n, 'changed', to_jsonb('k ' || 1))) FROM "
             "generate_series(1, 20000) n");
    value_of(db_, "ANALYZE onceward.outbox");
    const auto statistic = [&](const std::string& of_leaves) {
        value_of(db_, "SELECT pg_stat_clear_snapshot()");
        return value_of(db_, "SELECT " + of_leaves +
                                 " FROM pg_stat_user_tables WHERE relname ~ '^outbox_[0-9]+$'");
    };
    const auto index_scans = [&] { return std::stol(statistic("sum(idx_scan)")); };
    const auto sequential_scans_and_temporary_files = [&] {
        return statistic(
            "sum(seq_scan) || ' and ' || (SELECT sum(temp_files) FROM pg_stat_database "
            "WHERE datname = current_database())");
    };
    const auto before = sequential_scans_and_temporary_files();
    const auto index_scans_before = index_scans();
    running_relay relay(o);
    ASSERT_TRUE(eventually([&] { return relay.counts().published == 20'000; }));
    ASSERT_TRUE(relay.stop());

    EXPECT_TRUE(eventually([&] { return index_scans() > index_scans_before; }));
    EXPECT_EQ(sequential_scans_and_temporary_files(), before);
}

TEST_F(Relay, HoldsNoMoreThanItsBoundInFlight) {
    auto o = options();
    o.piece_bytes = 1U << 20;
    o.in_flight_bytes = 2U << 20;
    broker_.down();
    value_of(
        db_,
        "SELECT count(onceward.add_bytes('orders', 'k'::bytea, 'changed', convert_to(repeat('x', "
        "500000), 'UTF8'), NULL)) "
        "FROM generate_series(1, 40) n");
    running_relay relay(o);
    ASSERT_TRUE(eventually([&] { return relay.counts().in_flight_bytes > 0; }));

    // One piece may pass its bound by one event.
    std::uint64_t most = 0;
    EXPECT_FALSE(eventually(
        [&] { return (most = std::max(most, relay.counts().in_flight_bytes)) > (3U << 20); },
        std::chrono::seconds(2)));
    EXPECT_LT(relay.counts().read, 8U);
    broker_.up();
    EXPECT_TRUE(
        eventually([&] { return relay.counts().published == 40; }, std::chrono::seconds(60)))
        << most;
}

}  // namespace onceward::test
