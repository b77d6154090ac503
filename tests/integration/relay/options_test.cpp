// Each option of the relay that no other test needs, changed: what is different then?

#include <string>
#include <vector>

#include "pg/migrator.hpp"
#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

using namespace std::chrono_literals;

/// How often the relay has asked for a window: each question looks at its proof of life. The server
/// counts with a delay, the same for all.
long polls(pg::connection& c) {
    return std::stol(value_of(c,
                              "SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) FROM "
                              "pg_stat_user_tables WHERE relname = 'relay_life'"));
}

}  // namespace

class RelayOptions : public Relay {
protected:
    /// Waits until the relay's loop has certainly gone round: its lease was renewed twice.
    [[nodiscard]] bool goes_round() {
        const auto until = [&] {
            return value_of(db_, "SELECT lease_until FROM onceward.relay_cursor");
        };
        for (int renewals = 0; renewals < 2; ++renewals) {
            const auto before = until();
            if (!eventually([&] { return until() != before; })) return false;
        }
        return true;
    }

    /// How many of 100 new events of 10 kB a relay reads while none of them can be acknowledged.
    std::uint64_t reads_ahead(std::size_t piece_events, std::size_t bytes) {
        auto o = options();
        o.piece_events = piece_events;
        o.piece_bytes = o.in_flight_bytes = bytes;  // then one piece at a time is in flight
        o.stop_timeout = 1ms;
        running_relay relay(o);
        add(db_, "k", 1);  // so that the topic is known before the broker is away
        EXPECT_TRUE(eventually([&] { return relay.counts().read > 0 && unstored() == "0"; }));
        broker_.down();
        const auto before = relay.counts().read;
        add_large_events();
        EXPECT_TRUE(eventually([&] { return relay.counts().read > before; }));
        EXPECT_TRUE(goes_round());
        const auto ahead = relay.counts().read - before;
        broker_.up();
        return ahead;
    }
    void add_large_events() {
        value_of(db_,
                 "SELECT count(onceward.add_bytes('orders', 'k'::bytea, 'changed', "
                 "convert_to(repeat('x', 10000), 'UTF8'), NULL)) FROM generate_series(1, 100) n");
    }

    /// How many events the stored cursor has not passed.
    std::string unstored() {
        return value_of(db_,
                        "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c WHERE NOT "
                        "pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)");
    }

    /// A second outbox beside the fixture's, for a relay to be compared with.
    std::string other_database_ = migrated_database();
    pg::connection other_db_ = connect(other_database_);
};

TEST_F(RelayOptions, PollMaxIsThePaceWhenNothingHappens) {
    auto fast = options();
    fast.poll_max = 1ms;
    auto slow = options();
    slow.database = other_database_;
    slow.poll_max = 10s;
    const running_relay first(fast);
    const running_relay second(slow);

    ASSERT_TRUE(eventually([&] { return polls(db_) >= 200; }, 60s));

    EXPECT_LT(polls(other_db_), 100);
}

TEST_F(RelayOptions, PollMinIsThePaceWhileEventsCome) {
    auto fast = options();
    auto slow = options();
    slow.database = other_database_;
    slow.poll_min = slow.poll_max = 10s;
    const running_relay first(fast);
    const running_relay second(slow);

    for (int v = 1; v <= 20; ++v) {
        add(db_, "k", v);
        add(other_db_, "k", v);
        ASSERT_TRUE(eventually([&] { return first.counts().read >= static_cast<unsigned>(v); }));
    }

    EXPECT_GE(first.counts().windows, 20U);
    EXPECT_LT(second.counts().windows, 10U);
}

TEST_F(RelayOptions, PieceEventsBoundsOneRead) {
    EXPECT_EQ(reads_ahead(1, 1U << 20), 1U);
    EXPECT_EQ(reads_ahead(7, 1U << 20), 7U);
}

TEST_F(RelayOptions, PieceBytesBoundsOneRead) {
    EXPECT_LT(reads_ahead(5'000, 30'000), 10U);
    EXPECT_GE(reads_ahead(5'000, 300'000), 25U);
}

TEST_F(RelayOptions, CheckpointIntervalIsHowLongTheCursorMayLag) {
    auto o = options();
    o.lease_ttl = 10min;  // whose renewal stores the cursor too
    o.checkpoint_interval = 1min;
    running_relay relay(o);
    add(db_, "k", 1);
    ASSERT_TRUE(eventually([&] { return relay.counts().published == 1; }));
    ASSERT_EQ(unstored(), "1");
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(unstored(), "0");

    o.checkpoint_interval = 10ms;
    running_relay frequent(o);
    add(db_, "k", 2);
    EXPECT_TRUE(eventually([&] { return unstored() == "0"; }));
}

TEST_F(RelayOptions, LeaseTtlIsHowLongALeaseLasts) {
    const auto minutes = [&] {
        return std::stod(value_of(db_,
                                  "SELECT coalesce(max(extract(epoch FROM lease_until - now())), "
                                  "0) / 60 FROM onceward.relay_cursor WHERE lease_until > now()"));
    };
    auto o = options();
    o.lease_ttl = 10min;
    running_relay patient(o);

    EXPECT_TRUE(eventually([&] { return minutes() > 5; }));
    EXPECT_TRUE(patient.stop());

    o.lease_ttl = 30s;
    const running_relay eager(o);
    EXPECT_TRUE(eventually([&] { return minutes() > 0 && minutes() <= 0.5; }));
}

TEST_F(RelayOptions, RetryMinAndMaxBoundThePauseBetweenTries) {
    value_of(db_, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");  // fails each tenure
    add(db_, "k", 1);
    auto o = options();
    o.retry_min = 3ms;
    o.retry_max = 12ms;
    running_relay relay(o);

    ASSERT_TRUE(eventually([&] { return relay.values_of("retry_ms").size() >= 4; }));
    auto pauses = relay.values_of("retry_ms");
    pauses.resize(4);
    EXPECT_EQ(pauses, (std::vector<std::string>{"3", "6", "12", "12"}));
}

TEST_F(RelayOptions, SampleIntervalIsHowOftenTheBacklogIsCounted) {
    auto often = options();
    often.sample_interval = 20ms;
    auto seldom = options();
    seldom.database = other_database_;
    seldom.sample_interval = 10min;
    const running_relay first(often);
    const running_relay second(seldom);
    const auto sampled = [](const running_relay& r) {
        const auto backlog = r.state().backlog;
        return backlog ? backlog->sampled_at : std::chrono::system_clock::time_point{};
    };
    ASSERT_TRUE(eventually([&] { return second.state().backlog.has_value(); }));
    const auto once = sampled(second);

    for (int samples = 0; samples < 5; ++samples) {
        const auto last = sampled(first);
        ASSERT_TRUE(eventually([&] { return sampled(first) != last; }));
    }

    EXPECT_EQ(sampled(second), once);
}

TEST_F(RelayOptions, HoldGraceIsHowLongATopicStopsAllOthers) {
    const auto mispinned = [](pg::connection& db) {
        value_of(db, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");
        add(db, "k", 1);
    };
    mispinned(db_);
    mispinned(other_db_);
    auto patient = options();
    patient.hold_grace = 1h;
    patient.retry_min = patient.retry_max = 10ms;
    auto quick = patient;
    quick.database = other_database_;
    quick.hold_grace = 200ms;
    running_relay first(patient);
    const running_relay second(quick);

    EXPECT_TRUE(eventually([&] { return second.counts().held == 1; }));
    EXPECT_TRUE(eventually([&] { return first.values_of("retry_ms").size() >= 40; }));

    EXPECT_EQ(first.counts().held, 0U);
}

TEST_F(RelayOptions, ShardIsTheBucketsThatAreRelayed) {
    value_of(db_, "UPDATE onceward.relay_cursor SET bucket_to = 127");
    value_of(db_,
             "INSERT INTO onceward.relay_cursor (shard, bucket_from, bucket_to, lo) SELECT 1, 128, "
             "255, lo FROM onceward.relay_cursor");
    for (int k = 0; k < 20; ++k) add(db_, "key" + std::to_string(k), 1);
    const auto count = [&](const std::string& where) {
        return std::stoul(
            value_of(db_, "SELECT count(*) FROM onceward.outbox WHERE bucket " + where));
    };
    auto o = options();
    o.shard = 1;

    running_relay upper(o);
    ASSERT_TRUE(eventually([&] { return upper.counts().published == count(">= 128"); }));
    EXPECT_TRUE(upper.stop());
    EXPECT_EQ(upper.counts().read, count(">= 128"));

    o.shard = 0;
    running_relay lower(o);
    EXPECT_TRUE(eventually([&] { return lower.counts().published == count("< 128"); }));
}

TEST_F(RelayOptions, SchemaIsWhereTheOutboxIs) {
    ASSERT_TRUE(pg::migrate_up(db_, {.schema = "shop"}));
    value_of(db_, "SELECT shop.add('orders', 'shop', 'changed', to_jsonb('shop 1'::text))");
    add(db_, "k", 1);
    auto o = options();
    o.schema = "shop";
    running_relay relay(o);

    EXPECT_EQ(log_.read(1).front().key, "shop");
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(relay.counts().read, 1U);
}

TEST_F(RelayOptions, KafkaPropertiesReachLibrdkafka) {
    auto o = options();
    o.kafka["security.protocol"] = "ssl";  // the embedded broker speaks plainly
    add(db_, "k", 1);
    {
        const running_relay relay(o);
        EXPECT_TRUE(
            eventually([&] { return relay.state().kafka.now == relay_connection::reach::down; }));
        EXPECT_EQ(relay.counts().published, 0U);
    }
    o.kafka.clear();
    const running_relay relay(o);
    EXPECT_TRUE(eventually([&] { return relay.counts().published == 1; }));
}

}  // namespace onceward::test
