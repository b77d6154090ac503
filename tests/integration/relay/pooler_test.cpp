// The relay through PgBouncer in transaction mode, with fewer sessions of the server than clients.

#include "support/pooler.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <pqxx/pqxx>

#include "onceward/outbox.hpp"
#include "pg/conninfo.hpp"
#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

std::string user_of(const std::string& conninfo) {
    return pg::parse_conninfo(conninfo)->at("user");
}

/// Adds `rounds` events of one key through the pooler, and as many that are rolled back.
void write(const std::string& through, const std::string& key, int rounds) {
    pqxx::connection c(through);
    for (int i = 1; i <= rounds; ++i) {
        for (const bool kept : {false, true}) {
            pqxx::work tx(c);
            outbox({.serialize = true})
                .add(tx, {.topic = "orders",
                          .key = key,
                          .type = "changed",
                          .payload = key + ' ' + std::to_string(kept ? i : -i),
                          .content_type = ""});
            if (kept) tx.commit();
        }
    }
}

/// A client of the relay's own pool, which looks at the settings that it meets there.
class neighbour {
public:
    explicit neighbour(const std::string& through)
        : thread_([this, through](std::stop_token stop) {
              auto c = connect(through);
              while (!stop.stop_requested()) {
                  seen_.insert(value_of(c,
                                        "SELECT current_setting('enable_sort') || ' ' || "
                                        "current_setting('search_path') || ' ' || "
                                        "current_setting('synchronous_commit')"));
              }
          }) {}

    std::set<std::string> stop() {
        thread_.request_stop();
        thread_.join();
        return seen_;
    }

private:
    std::set<std::string> seen_;
    std::jthread thread_;
};

}  // namespace

// Goal: order and completeness do not depend on a session of the relay's own, and its settings
// reach no neighbour. Method: pieces so small that every way of reading is taken, writers at the
// same time, another client of the relay's pool.
TEST_F(Relay, PublishesThroughATransactionPoolerAndLeavesItsSettingsNowhere) {
    const pooler between(server(), {.users = {user_of(as_relay_)}, .pool_size = 2});
    auto o = options();
    o.database = between.through(as_relay_);
    o.piece_events = 10;
    neighbour watching(o.database);
    const auto usual = value_of(db_,
                                "SELECT current_setting('enable_sort') || ' ' || "
                                "current_setting('search_path') || ' ' || "
                                "current_setting('synchronous_commit')");
    running_relay relay(o);
    const std::string through = between.through(database_);

    {
        std::vector<std::jthread> writers;
        for (const char* key : {"a", "b", "c", "d"}) {
            writers.emplace_back([&, key] { write(through, key, 100); });
        }
    }

    const auto found = versions(log_.read(400));
    ASSERT_EQ(found.size(), 4U);
    for (const auto& [key, order] : found) EXPECT_EQ(order, one_to(100)) << key;
    EXPECT_EQ(watching.stop(), std::set<std::string>{usual});
    EXPECT_EQ(relay.counts().rebuilds, 0U) << relay.log();
    EXPECT_TRUE(relay.stop());
}

// Goal: a server that dies behind the pooler while the relay's own connections last is noticed, and
// nothing is lost though it hands out transaction ids again. Method: PgBouncer is paused, as for a
// planned failover, so that the relay only waits; meanwhile a writer with synchronous_commit=off
// adds, the server is killed and started again.
TEST(RelayBehindAPooler, NoticesThatTheServerBehindItHasCrashedThoughItsConnectionsLast) {
    dev::private_postgres postgres(
        {.settings = {"synchronous_commit = off", "wal_writer_delay = 10s"}});
    const std::string database = migrated_database(postgres);
    const pooler between(postgres, {.pool_size = 2});
    dev::embedded_broker broker({{.name = "orders", .partitions = partitions}});
    relay_options o;
    o.database = between.through(database);
    o.brokers = broker.bootstrap();
    o.lease_ttl = std::chrono::seconds(60);
    EXPECT_EQ(relay(o, {}).preflight(), std::vector<std::string>{});
    running_relay relay(o);
    const auto add = [&](int count) {
        auto c = connect(database);
        for (int i = 0; i < count; ++i)
            value_of(c, "SELECT onceward.add('orders', 'k', 'changed', to_jsonb('k'::text))");
    };
    add(20);
    ASSERT_TRUE(eventually([&] { return relay.counts().published == 20; })) << relay.log();

    between.command("PAUSE");
    add(20);
    postgres.kill9();
    postgres.start();
    between.command("RESUME");
    add(5);

    ASSERT_TRUE(eventually([&] { return relay.counts().leases == 2; })) << relay.log();
    auto db = connect(database);
    auto r = db.exec("SELECT id FROM onceward.outbox");
    std::set<std::string> committed, published;
    for (int i = 0; i < r->size(); ++i) committed.emplace(r->text(i, 0));
    topic_log log(broker.bootstrap(), "orders", partitions);
    log.read_until([&](const std::vector<record>& all) {
        if (!all.empty()) published.insert(all.back().header_value("id"));
        return std::includes(published.begin(), published.end(), committed.begin(),
                             committed.end());
    });
    EXPECT_EQ(published, committed);
    EXPECT_NE(relay.log().find("the server has crashed"), std::string::npos) << relay.log();
    EXPECT_EQ(relay.log().find("connect"), std::string::npos) << relay.log();
    const auto incarnations = relay.values_of("incarnation");
    EXPECT_NE(incarnations.front(), incarnations.back());
}

}  // namespace onceward::test
