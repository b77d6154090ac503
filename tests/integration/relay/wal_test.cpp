#include <set>

#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

using namespace std::chrono_literals;

/// Services under load: each transaction takes one of a few keys by its row and adds the key's next
/// version; some are undone, some have work to do in between.
class load {
public:
    explicit load(const std::string& database) {
        auto db = connect(database);
        value_of(db, "CREATE TABLE counter (key text PRIMARY KEY, version int NOT NULL)");
        value_of(db, "INSERT INTO counter SELECT 'k' || n, 0 FROM generate_series(1, 6) n");
        for (int writer = 0; writer < 3; ++writer) {
            writers_.emplace_back(
                [database, writer](std::stop_token stop) { write(database, writer, stop); });
        }
    }
    void stop() { writers_.clear(); }

    /// The versions of each key that were committed.
    static std::map<std::string, std::vector<int>> committed(pg::connection& db) {
        std::map<std::string, std::vector<int>> all;
        auto r = db.exec("SELECT key, n FROM counter, generate_series(1, version) n ORDER BY 1, 2");
        for (int i = 0; i < r->size(); ++i)
            all[std::string(r->text(i, 0))].push_back(static_cast<int>(r->integer(i, 1)));
        return all;
    }

private:
    static void write(const std::string& database, int writer, const std::stop_token& stop) {
        auto db = connect(database);
        for (int i = writer; !stop.stop_requested(); ++i) {
            const std::string key = "k" + std::to_string(1 + i % 6);
            value_of(db, "BEGIN");
            if (i % 3 == 0) value_of(db, "SELECT pg_current_xact_id()");
            if (i % 7 == 0) value_of(db, "SELECT pg_sleep(0.005)");
            value_of(db, "WITH next AS (UPDATE counter SET version = version + 1 WHERE key = '" +
                             key +
                             "' RETURNING key, version) SELECT onceward.add('orders', key, "
                             "'changed', to_jsonb(key || ' ' || version)) FROM next");
            value_of(db, i % 5 == 0 ? "ROLLBACK" : "COMMIT");
        }
    }

    std::vector<std::jthread> writers_;
};

std::size_t size_of(const std::map<std::string, std::vector<int>>& versions) {
    std::size_t n = 0;
    for (const auto& [key, all] : versions) n += all.size();
    return n;
}

}  // namespace

class WalRelay : public Relay {
protected:
    WalRelay() {
        value_of(db_, "DO $$ BEGIN EXECUTE format('ALTER ROLE %I REPLICATION', '" + login() +
                          "'); END $$");
    }
    ~WalRelay() override {
        value_of(db_,
                 "SELECT count(pg_terminate_backend(active_pid, 5000)) FROM "
                 "pg_replication_slots WHERE database = current_database()");
        value_of(db_,
                 "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots "
                 "WHERE database = current_database()");
    }

    relay_options options(capture_engine engine = capture_engine::wal) {
        auto o = Relay::options();
        o.capture = engine;
        o.retry_max = 100ms;
        o.sample_interval = 50ms;
        return o;
    }
    std::string login() const { return as_relay_.substr(as_relay_.rfind('=') + 1); }
    std::string slot(const std::string& column) {
        return value_of(db_, "SELECT " + column +
                                 " FROM pg_replication_slots WHERE database = "
                                 "current_database()");
    }
    static bool streams(running_relay& relay) {
        return eventually([&] { return relay.state().source == relay_source::wal; });
    }
    void expect_all(bool once) {
        const auto committed = load::committed(db_);
        const auto& records = log_.read_until(
            [&](const std::vector<record>& all) { return versions(all) == committed; });
        EXPECT_EQ(versions(records), committed) << "nothing is lost or out of its key's order";
        if (once) {
            EXPECT_EQ(records.size(), size_of(committed)) << "nothing is repeated";
        }
    }
};

TEST_F(WalRelay, PublishesFromTheWalInTheOrderOfCommits) {
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();
    auto first = connect(database_);
    value_of(first, "BEGIN");
    add(first, "a", 1);
    add(db_, "b", 1);
    value_of(first, "COMMIT");
    add(db_, "a", 2);

    const auto& records = log_.read_until([](const auto& all) { return all.size() >= 3; });

    EXPECT_EQ(versions(records).at("a"), one_to(2));
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().published, 3U);
}

// Goal: engines are switched on a system under load, each way, with nothing lost, repeated or out
// of order. Method: one relay after another, each with the other engine, under writers that never
// stop; each WAL relay runs until it has streamed.
TEST_F(WalRelay, TakesOverFromThePollEngineAndBackUnderLoadWithNothingLostRepeatedOrReordered) {
    load services(database_);
    for (int round = 0; round < 3; ++round) {
        running_relay poll(options(capture_engine::poll));
        ASSERT_TRUE(eventually([&] { return poll.counts().published > 20; })) << poll.log();
        ASSERT_TRUE(poll.stop());
        running_relay wal(options());
        ASSERT_TRUE(streams(wal)) << wal.log();
        const auto before = wal.counts().published;
        ASSERT_TRUE(eventually([&] { return wal.counts().published > before + 20; })) << wal.log();
        ASSERT_TRUE(wal.stop());
        EXPECT_EQ(wal.counts().slots_lost, 0U) << wal.log();
    }
    services.stop();
    running_relay last(options(capture_engine::poll));

    expect_all(/*once=*/true);
}

TEST_F(WalRelay, GoesOnWhereItsPredecessorStoppedWithTheSameSlot) {
    load services(database_);
    for (int round = 0; round < 3; ++round) {
        running_relay wal(options());
        ASSERT_TRUE(streams(wal)) << wal.log();
        ASSERT_TRUE(eventually([&] { return wal.counts().published > 20; })) << wal.log();
        ASSERT_TRUE(wal.stop());
        EXPECT_EQ(wal.counts().slots_lost, 0U) << wal.log();
    }
    services.stop();
    running_relay last(options());

    expect_all(/*once=*/true);
}

// Goal: whatever becomes of the slot, no event does. Method: under load, the slot is dropped behind
// the relay's back; it has to notice, say so, and go on through the table to a new one.
TEST_F(WalRelay, LosesNothingWhenItsSlotIsDropped) {
    load services(database_);
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();

    ASSERT_TRUE(eventually(
        [&] { return !value_of(db_, "SELECT wal_lsn FROM onceward.relay_cursor").empty(); }));

    ASSERT_TRUE(eventually([&] {
        value_of(db_,
                 "SELECT pg_terminate_backend(active_pid, 1000) FROM pg_replication_slots "
                 "WHERE database = current_database() AND active");
        return db_
            .exec(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "
                "WHERE database = current_database()")
            .
            operator bool();
    }));

    ASSERT_TRUE(eventually([&] { return relay.counts().slots_lost == 1; })) << relay.log();
    ASSERT_TRUE(eventually([&] { return relay.counts().streams == 2; })) << relay.log();
    const auto before = relay.counts().published;
    ASSERT_TRUE(eventually([&] { return relay.counts().published > before + 20; }));
    services.stop();
    expect_all(/*once=*/false);
    EXPECT_NE(relay.log().find("is gone; nothing is lost"), std::string::npos) << relay.log();
}

// Somebody has made the slot anew while the relay was away: it knows nothing of what was committed
// in between.
TEST_F(WalRelay, DoesNotTrustASlotThatIsNotTheOneItLeft) {
    {
        running_relay relay(options());
        ASSERT_TRUE(streams(relay)) << relay.log();
        add(db_, "a", 1);
        ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; }));
        ASSERT_TRUE(relay.stop());
    }
    const std::string name = slot("slot_name");
    value_of(db_, "SELECT pg_drop_replication_slot('" + name + "')");
    add(db_, "a", 2);
    value_of(db_, "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
    add(db_, "a", 3);

    running_relay relay(options());
    const auto& records = log_.read_until([](const auto& all) { return all.size() >= 3; });

    EXPECT_EQ(versions(records).at("a"), one_to(3));
    EXPECT_EQ(relay.counts().slots_lost, 1U);
    EXPECT_NE(relay.log().find("made anew"), std::string::npos) << relay.log();
}

// The server gives up a slot that holds back too much WAL.
TEST_F(WalRelay, LosesNothingWhenItsSlotIsInvalidated) {
    {
        running_relay relay(options());
        ASSERT_TRUE(streams(relay)) << relay.log();
        add(db_, "a", 1);
        ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; }));
        ASSERT_TRUE(relay.stop());
    }
    add(db_, "a", 2);
    value_of(db_, "ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    value_of(db_, "SELECT pg_reload_conf()");
    ASSERT_TRUE(eventually([&] {
        value_of(db_, "SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000))");
        value_of(db_, "SELECT pg_switch_wal()");
        value_of(db_, "CHECKPOINT");
        return slot("wal_status") == "lost";
    }));
    value_of(db_, "ALTER SYSTEM RESET max_slot_wal_keep_size");
    value_of(db_, "SELECT pg_reload_conf()");
    add(db_, "a", 3);

    running_relay relay(options());
    const auto& records = log_.read_until([](const auto& all) { return all.size() >= 3; });
    EXPECT_EQ(versions(records).at("a"), one_to(3));
    EXPECT_EQ(relay.counts().slots_lost, 1U);
    ASSERT_TRUE(streams(relay)) << relay.log();
    EXPECT_NE(slot("wal_status"), "lost");
}

// The server waits with a new slot until every open transaction has ended.
TEST_F(WalRelay, PublishesFromTheTableWhileAnOpenTransactionHoldsUpItsSlot) {
    auto open = connect(database_);
    value_of(open, "BEGIN");
    value_of(open, "SELECT pg_current_xact_id()");
    running_relay relay(options());
    add(db_, "a", 1);

    ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; })) << relay.log();
    EXPECT_EQ(relay.state().source, relay_source::table);
    add(open, "a", 2);
    value_of(open, "COMMIT");
    ASSERT_TRUE(streams(relay)) << relay.log();
    add(db_, "a", 3);

    const auto& records = log_.read_until([](const auto& all) { return all.size() >= 3; });
    EXPECT_EQ(versions(records).at("a"), one_to(3));
}

TEST_F(WalRelay, TakesTheSlotFromWhoHasLostTheLease) {
    auto first = options();
    auto relay = std::make_unique<running_relay>(first);
    ASSERT_TRUE(streams(*relay)) << relay->log();
    value_of(db_,
             "UPDATE onceward.relay_cursor SET lease_until = clock_timestamp() - interval '1 s'");

    running_relay second(options());
    ASSERT_TRUE(streams(second)) << second.log();
    add(db_, "a", 1);

    log_.read_until([](const auto& all) { return !all.empty(); });
    EXPECT_EQ(second.counts().slots_lost, 0U) << second.log();
}

// Other tables' WAL is of no use to the slot: it must not keep it.
TEST_F(WalRelay, HoldsBackNoWalWhereTheOutboxIsIdle) {
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();
    value_of(db_, "CREATE TABLE another AS SELECT generate_series(1, 1000) AS n");
    const std::string now = value_of(db_, "SELECT pg_current_wal_flush_lsn()::text");

    EXPECT_TRUE(eventually([&] {
        return value_of(db_, "SELECT confirmed_flush_lsn >= '" + now +
                                 "'::pg_lsn FROM pg_replication_slots WHERE database = "
                                 "current_database()") == "t";
    })) << relay.log();
}

TEST_F(WalRelay, MovesTheSnapshotThatAllowsTruncationAndTakeover) {
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();
    for (int i = 1; i <= 50; ++i) add(db_, "a", i);

    EXPECT_TRUE(eventually([&] {
        return value_of(db_,
                        "SELECT bool_and(pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)) "
                        "FROM onceward.outbox o, onceward.relay_cursor c") == "t";
    })) << value_of(db_, "SELECT lo FROM onceward.relay_cursor");
    EXPECT_TRUE(eventually([&] { return relay.state().backlog->pending_events == 0; }));
    EXPECT_TRUE(relay.state().backlog->slot_bytes.has_value());
}

// A slot that nobody reads would hold back WAL until the disk is full.
TEST_F(WalRelay, LeavesNoSlotBehindWhereThePollEngineTakesOver) {
    {
        running_relay wal(options());
        ASSERT_TRUE(streams(wal)) << wal.log();
        ASSERT_TRUE(wal.stop());
    }
    EXPECT_NE(slot("slot_name"), "");

    running_relay poll(options(capture_engine::poll));

    EXPECT_TRUE(eventually([&] { return slot("slot_name").empty(); })) << poll.log();
}

// The publication was changed by hand: events may be missing from it, and the server says nothing.
TEST_F(WalRelay, LosesNothingWhenItsPublicationIsAltered) {
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();
    value_of(db_, "ALTER PUBLICATION onceward DROP TABLE onceward.outbox");

    add(db_, "a", 1);

    ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; })) << relay.log();
    EXPECT_EQ(relay.state().source, relay_source::table);
    EXPECT_EQ(relay.counts().slots_lost, 1U);
    EXPECT_TRUE(eventually([&] {
        return relay.state().slot_trouble.find("is missing or was altered") != std::string::npos;
    })) << relay.state().slot_trouble;
    value_of(db_, "ALTER PUBLICATION onceward ADD TABLE onceward.outbox");
    ASSERT_TRUE(streams(relay)) << relay.log();
    add(db_, "a", 2);
    EXPECT_EQ(versions(log_.read(2)).at("a"), one_to(2));
}

// It was altered while the relay was away, and then put right again.
TEST_F(WalRelay, TrustsNoSlotWhosePublicationWasAlteredMeanwhile) {
    {
        running_relay relay(options());
        ASSERT_TRUE(streams(relay)) << relay.log();
        add(db_, "a", 1);
        ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; }));
        ASSERT_TRUE(relay.stop());
    }
    value_of(db_, "ALTER PUBLICATION onceward DROP TABLE onceward.outbox");
    add(db_, "a", 2);
    value_of(db_, "ALTER PUBLICATION onceward ADD TABLE onceward.outbox");

    running_relay relay(options());
    ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; })) << relay.log();

    EXPECT_EQ(versions(log_.read(2)).at("a"), one_to(2));
    EXPECT_NE(relay.log().find("was altered"), std::string::npos) << relay.log();
}

// A stream that is not understood is an error, and the events are in the table.
TEST_F(WalRelay, PublishesFromTheTableWhatItDoesNotUnderstandInTheStream) {
    running_relay relay(options());
    ASSERT_TRUE(streams(relay)) << relay.log();

    value_of(db_, "ALTER PUBLICATION onceward SET (publish_via_partition_root = false)");
    add(db_, "a", 1);

    ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; })) << relay.log();
    EXPECT_EQ(relay.state().source, relay_source::table);
    EXPECT_EQ(relay.counts().slots_lost, 1U) << relay.log();
}

}  // namespace onceward::test
