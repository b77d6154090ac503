#include <set>

#include "pg/migrator.hpp"
#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

std::set<std::string> ids_in_outbox(pg::connection& db) {
    auto r = db.exec("SELECT id FROM onceward.outbox");
    std::set<std::string> ids;
    for (int i = 0; i < r->size(); ++i) ids.emplace(r->text(i, 0));
    return ids;
}

/// A postmaster that dies under writers with synchronous_commit=off, and so hands out the same
/// transaction ids again, makes a living relay lose nothing: it is killed in the middle of a load,
/// several times; then every event that the outbox has must be in Kafka, and Kafka must have none
/// that the outbox does not have.
void expect_nothing_lost(capture_engine engine) {
    dev::private_postgres postgres({.settings = {"synchronous_commit = off",
                                                 "wal_writer_delay = 10s", "wal_level = logical"}});
    postgres.create_database("app");
    const std::string database = postgres.conninfo("app");
    {
        auto db = connect(database);
        ASSERT_TRUE(pg::migrate_up(db, {}));
    }
    dev::embedded_broker broker({{.name = "orders", .partitions = partitions}});
    relay_options o;
    o.database = database;
    o.brokers = broker.bootstrap();
    o.lease_ttl = std::chrono::seconds(2);
    o.checkpoint_interval = std::chrono::milliseconds(50);
    o.retry_max = std::chrono::milliseconds(200);
    o.capture = engine;
    running_relay relay(o);

    for (int round = 0; round < 4; ++round) {
        const bool streams = engine == capture_engine::wal;
        ASSERT_TRUE(!streams || eventually([&] {
            return relay.state().source == relay_source::wal;
        })) << relay.log();
        auto writer = connect(database);
        for (int i = 0; i < 60; ++i) {
            // Some transactions have no event: their snapshots are empty windows.
            value_of(writer, i % 3 == 0 ? "CREATE TEMP TABLE IF NOT EXISTS t (n int)"
                                        : "SELECT pg_current_xact_id()");
            value_of(writer, "SELECT onceward.add('orders', 'k', 'changed', to_jsonb('k " +
                                 std::to_string(i) + "'::text))");
        }
        postgres.kill9();
        postgres.start();
    }

    auto db = connect(database);
    for (int i = 0; i < 5; ++i)
        value_of(db, "SELECT onceward.add('orders', 'k', 'changed', to_jsonb('k 0'::text))");
    const auto committed = ids_in_outbox(db);
    topic_log log(broker.bootstrap(), "orders", partitions);
    std::set<std::string> published;
    log.read_until([&](const std::vector<record>& all) {
        if (!all.empty()) published.insert(all.back().header_value("id"));
        return std::includes(published.begin(), published.end(), committed.begin(),
                             committed.end());
    });
    EXPECT_EQ(published, committed);
    EXPECT_GE(relay.counts().leases, 2U);
}

}  // namespace

TEST(RelayAndServer, LosesNothingWhenThePostmasterIsKilledUnderAsynchronousWriters) {
    expect_nothing_lost(capture_engine::poll);
}

TEST(WalRelayAndServer, LosesNothingWhenThePostmasterIsKilledUnderAsynchronousWriters) {
    expect_nothing_lost(capture_engine::wal);
}

}  // namespace onceward::test
