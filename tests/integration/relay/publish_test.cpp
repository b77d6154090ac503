#include <pqxx/pqxx>

#include "kafka/murmur2.hpp"
#include "onceward/outbox.hpp"
#include "relay_fixture.hpp"

namespace onceward::test {

TEST_F(Relay, PublishesAnEventAsItWasAdded) {
    const event e{.topic = "orders",
                  .key = "order-1",
                  .type = "order.placed",
                  .payload = std::string("\0\xff{}", 4),
                  .content_type = "application/octet-stream",
                  .headers = {{"tenant", "a"}, {"tenant", "b"}, {"raw", std::string("\x80\0", 2)}},
                  .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                  .correlation_id = "c-1"};
    message_id id;
    {
        pqxx::connection c(database_);
        pqxx::work tx(c);
        id = outbox().add(tx, e);
        tx.commit();
    }
    running_relay relay(options());

    const auto records = log_.read(1);

    ASSERT_EQ(records.size(), 1U);
    const auto& r = records[0];
    EXPECT_EQ(r.key, e.key);
    EXPECT_EQ(r.value, e.payload);
    EXPECT_EQ(r.partition, kafka::partition_of("order-1", partitions));
    EXPECT_EQ(
        std::to_string(r.timestamp_ms),
        value_of(
            db_,
            "SELECT floor(extract(epoch FROM created_at) * 1000)::bigint FROM onceward.outbox"));
    const std::vector<header> expected{{"id", id.to_string()},
                                       {"type", "order.placed"},
                                       {"content-type", "application/octet-stream"},
                                       {"tenant", "a"},
                                       {"tenant", "b"},
                                       {"raw", std::string("\x80\0", 2)},
                                       {"traceparent", e.traceparent},
                                       {"onceward-correlation-id", "c-1"},
                                       {"onceward-shard", "0"},
                                       {"onceward-seq", "1"}};
    EXPECT_EQ(r.headers, expected);
}

TEST_F(Relay, PublishesABatchInItsOrderAndNullKeysAndTombstones) {
    {
        pqxx::connection c(database_);
        pqxx::work tx(c);
        std::vector<event> events;
        for (int i = 1; i <= 20; ++i) {
            events.push_back({.topic = "orders",
                              .key = "k",
                              .type = "t",
                              .payload = "k " + std::to_string(i),
                              .content_type = ""});
        }
        events.push_back({.topic = "orders",
                          .key = std::nullopt,
                          .type = "t",
                          .payload = std::nullopt,
                          .content_type = ""});
        outbox().add(tx, events);
        tx.commit();
    }
    running_relay relay(options());

    auto records = log_.read(21);

    ASSERT_EQ(records.size(), 21U);
    const auto is_tombstone = [](const record& r) { return !r.key && !r.value; };
    EXPECT_EQ(std::count_if(records.begin(), records.end(), is_tombstone), 1);
    std::erase_if(records, is_tombstone);
    EXPECT_EQ(versions(records)["k"], one_to(20));
}

TEST_F(Relay, PublishesNothingOfATransactionThatRolledBack) {
    value_of(db_, "BEGIN");
    add(db_, "gone", 1);
    value_of(db_, "ROLLBACK");
    add(db_, "kept", 1);
    running_relay relay(options());

    const auto& records = log_.read(1);

    ASSERT_TRUE(relay.stop());
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].key, "kept");
}

TEST_F(Relay, WorksWithTheRelaysGrantsOnly) {
    auto o = options();
    o.database += " options='-c role=onceward_relay'";
    add(db_, "k", 1);
    running_relay relay(o);

    EXPECT_EQ(log_.read(1).size(), 1U);
    EXPECT_TRUE(relay.stop());
    EXPECT_EQ(value_of(db_,
                       "SELECT pg_visible_in_snapshot((SELECT max(xid) FROM onceward.outbox), "
                       "lo::pg_snapshot) "
                       "FROM onceward.relay_cursor"),
              "t");
}

TEST_F(Relay, ResumesWhereItStoppedWithoutRepeats) {
    add(db_, "k", 1);
    {
        running_relay first(options());
        ASSERT_EQ(log_.read(1).size(), 1U);
        ASSERT_TRUE(first.stop());
    }
    add(db_, "k", 2);
    running_relay second(options());

    const auto& records = log_.read(2);

    ASSERT_TRUE(second.stop());
    EXPECT_EQ(records.size(), 2U);
    EXPECT_EQ(second.counts().read, 1U);
}

TEST_F(Relay, GoesOnWhenTheBrokerComesBack) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);

    broker_.down();
    add(db_, "k", 2);
    ASSERT_TRUE(eventually([&] { return relay.counts().read == 2; }));
    EXPECT_EQ(relay.counts().published, 1U);
    broker_.up();

    EXPECT_EQ(versions(log_.read(2, std::chrono::seconds(60)))["k"], one_to(2));
}

TEST_F(Relay, RefusesAKafkaPropertyThatTheGuaranteesRestOn) {
    auto o = options();
    o.kafka["acks"] = "1";

    try {
        const relay refused(o, nullptr);
        FAIL() << "accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("the Kafka property acks must stay"),
                  std::string::npos)
            << e.what();
    }
}

TEST_F(Relay, RefusesOptionsOutOfRange) {
    const auto with = [&](auto change) {
        auto o = options();
        change(o);
        return o;
    };
    EXPECT_THROW(relay(with([](auto& o) { o.brokers = ""; }), nullptr), std::invalid_argument);
    EXPECT_THROW(relay(with([](auto& o) { o.schema = "x; DROP"; }), nullptr),
                 std::invalid_argument);
    EXPECT_THROW(relay(with([](auto& o) { o.lease_ttl = std::chrono::milliseconds(1); }), nullptr),
                 std::invalid_argument);
    EXPECT_THROW(relay(with([](auto& o) { o.piece_bytes = o.in_flight_bytes + 1; }), nullptr),
                 std::invalid_argument);
}

}  // namespace onceward::test
