#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

TEST(Inbox, AppliesAMessageOnceThoughItWasProducedTwice) {
    world w;
    const auto one = raw_message::of(new_message_id(), 1);
    const auto two = raw_message::of(new_message_id(), 2);
    w.produce({one, two, one, two, one});

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return i.counts().duplicates == 3; })) << i.log();
    EXPECT_EQ(w.ledger(), "1,2");
    EXPECT_TRUE(eventually([&] { return i.counts().applied == 2U; }));
    EXPECT_TRUE(eventually([&] { return i.counts().received == 5U; }));
}

// A batch counts whatever is in it, a handler only when it is called.
TEST(Inbox, MeasuresHandlersAndBatches) {
    world w;
    const auto one = raw_message::of(new_message_id(), 1);
    w.produce({one, one, one});

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return i.counts().duplicates == 2; })) << i.log();
    const auto seen = i.counts();
    EXPECT_GE(seen.handler.total(), 1U);
    EXPECT_LT(seen.handler.total(), 3U + seen.retries);
    EXPECT_GT(seen.handler.sum, 0);
    EXPECT_GE(seen.batch.total(), 1U);
    EXPECT_GE(seen.batch.sum, seen.handler.sum);
}

TEST(Inbox, AppliesEachPartitionInItsOrder) {
    world w(4);
    for (std::int32_t p = 0; p < 4; ++p) w.produce_values(500, 1, p);

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 2'000; })) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM (SELECT v - lag(v, 1, 0) OVER (PARTITION BY part ORDER "
                      "BY n) AS step "
                      "FROM ledger) s WHERE step <> 1"),
              "0");
}

TEST(Inbox, ReadsEveryMessageFromItsPartitionsOwnQueue) {
    world w(4);
    for (std::int32_t p = 0; p < 4; ++p) w.produce_values(100, 1, p);

    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.counts().applied == 400; })) << i.log();
    for (std::int32_t p = 0; p < 4; ++p) w.produce_values(100, 101, p);

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 800; })) << i.log();
    EXPECT_TRUE(eventually([&] { return i.counts().received == 800U; }));
    EXPECT_FALSE(i.logged("common queue")) << i.log();
}

TEST(Inbox, HandsOverTheWholeMessage) {
    world w;
    const auto id = new_message_id();
    w.produce({{.key = std::string("\0k", 2),
                .payload = std::nullopt,
                .headers = {{"id", id.to_string()}, {"type", "gone"}, {"x", "1"}, {"x", "2"}}}});
    message seen;

    {
        running_inbox i(w.options(), [&](handler_context&, const message& m) { seen = m; });
        EXPECT_TRUE(eventually([&] { return i.counts().applied == 1; })) << i.log();
    }

    EXPECT_EQ(seen.id, id);
    EXPECT_EQ(seen.type, "gone");
    EXPECT_EQ(seen.key, std::string("\0k", 2));
    EXPECT_EQ(seen.payload, std::nullopt);
    EXPECT_EQ(*seen.header_value("x"), "2");
    EXPECT_EQ(seen.topic, "orders");
    EXPECT_EQ(seen.attempt, 1);
    EXPECT_GT(seen.created_at.time_since_epoch().count(), 0);
}

TEST(Inbox, RemembersWhatTheOutboxWouldComputeItself) {
    world w;
    w.produce_values(3);

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 3; })) << i.log();
    EXPECT_EQ(
        w.value(
            "SELECT count(*) FROM onceward.inbox i JOIN ledger l USING (id) "
            "WHERE i.consumer = 'shipping' AND i.bucket = onceward.bucket_of('orders', 'k', i.id) "
            "AND i.payload_hash = ('x' || encode(substr(sha256(l.v::text::bytea), 1, 8), "
            "'hex'))::bit(64)::bigint"),
        "3");
}

TEST(Inbox, TakesUnhandledTypesAsApplied) {
    world w;
    w.produce_values(3);
    inbox i(w.options());
    i.on("orders", "shipped",
         [](handler_context&, const message&) { FAIL() << "not of that type"; });
    std::jthread runs([&](const std::stop_token& stop) { i.run(stop); });

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 3; }));
}

TEST(Inbox, PutsAtMostBatchMaxMessagesIntoATransaction) {
    world w;
    w.produce_values(30);
    auto o = w.options();
    o.batch_max = 10;

    running_inbox i(o, write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 30; })) << i.log();
    EXPECT_GE(std::stoi(w.value("SELECT count(*) FROM onceward.inbox_progress")), 3);
}

TEST(Inbox, UsesAConnectionForEachWorker) {
    world w(4);
    auto o = w.options();
    o.workers = 3;
    for (std::int32_t p = 0; p < 4; ++p) w.produce_values(10, 1, p);

    running_inbox i(o, write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 40; })) << i.log();
    // One more: the connection that takes partitions.
    EXPECT_EQ(w.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = "
                      "'onceward-inbox shipping' "
                      "AND datname = current_database()"),
              "4");
}

}  // namespace
}  // namespace onceward::test
