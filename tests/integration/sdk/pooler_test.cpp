// Through PgBouncer in transaction mode, where each transaction may get another session of the
// server, and others use that session before and after.

#include "support/pooler.hpp"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "onceward/outbox.hpp"
#include "pg/connection.hpp"
#include "pg/migrator.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

constexpr int sessions = 3;

class Pooler : public testing::Test {
protected:
    /// Has the pooler open all its sessions of the server, which it then hands out in turn.
    static void SetUpTestSuite() {
        database_ = migrated_database();
        pooler_ = std::make_unique<pooler>(server(), pooler_options{.pool_size = sessions});
        through_ = pooler_->through(database_);
        std::vector<pg::connection> clients;
        for (int i = 0; i < sessions; ++i) {
            clients.push_back(connect(through_));
            value_of(clients.back(), "BEGIN");
        }
        for (auto& c : clients) value_of(c, "ROLLBACK");
    }

    static void TearDownTestSuite() { pooler_.reset(); }

    /// A session with a setting that a neighbour does not have.
    pg::connection settled() {
        auto c = pg::connection::open(through_, {{"work_mem", "77MB"}, {"lock_timeout", "5s"}});
        if (!c) throw std::runtime_error(c.error().message);
        return *std::move(c);
    }

    static std::string work_mem(pg::connection& c) { return value_of(c, "SHOW work_mem"); }

    static inline std::string database_;
    static inline std::unique_ptr<pooler> pooler_;
    static inline std::string through_;
};

}  // namespace

TEST_F(Pooler, IsTold) {
    EXPECT_TRUE(connect(through_).pooled());
    EXPECT_FALSE(connect(database_).pooled());

    const pooler by_session(server(), {.mode = "session"});
    EXPECT_TRUE(connect(by_session.through(database_)).pooled());
}

TEST_F(Pooler, GivesEachTransactionItsSettingsAndLeavesNoneBehind) {
    auto neighbour = pg::connection::open(through_);
    ASSERT_TRUE(neighbour);
    auto c = settled();
    const std::string usual = work_mem(*neighbour);
    std::string seen;
    const auto take = [&](auto fields) {
        seen = {fields[0].data, fields[0].size};
        return true;
    };
    const std::string show = "SELECT current_setting('work_mem')";

    for (int i = 0; i < 2 * sessions; ++i) {
        EXPECT_EQ(work_mem(c), "77MB");
        EXPECT_TRUE(c.stream("show", show, {}, take));
        EXPECT_EQ(std::exchange(seen, ""), "77MB");
        EXPECT_TRUE(c.copy_out(show, take));
        EXPECT_EQ(std::exchange(seen, ""), "77MB");
        EXPECT_TRUE(c.script("DO $$ BEGIN ASSERT current_setting('work_mem') = '77MB'; END $$"));
        EXPECT_EQ(work_mem(*neighbour), usual);
    }
}

TEST_F(Pooler, KeepsTheSettingsThroughATransactionOfSeveralStatements) {
    auto c = settled();
    for (int i = 0; i < sessions; ++i) {
        ASSERT_TRUE(c.script("BEGIN"));
        EXPECT_EQ(work_mem(c), "77MB");
        EXPECT_EQ(value_of(c, "SHOW lock_timeout"), "5s");
        ASSERT_TRUE(c.script("COMMIT"));
        EXPECT_EQ(work_mem(c), "77MB");
    }
}

TEST_F(Pooler, ServesTheSessionOnAfterStatementsThatFailOrAreCutShort) {
    auto c = settled();
    int rows = 0;
    const auto one = [&](auto) { return ++rows % 10 != 0; };
    for (int i = 0; i < sessions; ++i) {
        const auto failed = c.exec("SELECT 1 / 0");
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().origin, "sqlstate:22012");
        EXPECT_FALSE(c.stream("wrong", "SELECT nothing", {}, one));
        EXPECT_FALSE(c.copy_out("SELECT nothing", one));
        EXPECT_TRUE(c.stream("many", "SELECT generate_series(1, 1000000)", {}, one));
        EXPECT_TRUE(c.copy_out("SELECT generate_series(1, 1000000)", one));
        EXPECT_EQ(work_mem(c), "77MB");
    }
    EXPECT_EQ(rows, 2 * sessions * 10);
}

TEST_F(Pooler, TellsOfASettingThatTheServerRefuses) {
    auto c = pg::connection::open(through_, {{"work_mem", "much"}});
    ASSERT_TRUE(c);

    const auto r = c->exec("SELECT 1");

    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().origin, "sqlstate:22023");
}

TEST_F(Pooler, SaysWhatToDoAboutAStartupParameterThatItRefuses) {
    const auto c = pg::connection::open(through_ + " options='-c work_mem=77MB'");

    ASSERT_FALSE(c);
    EXPECT_NE(c.error().message.find("ignore_startup_parameters"), std::string::npos)
        << c.error().message;
}

TEST_F(Pooler, SaysThatReplicationNeedsTheServerItself) {
    const auto c = pg::connection::open_for_replication(through_);

    ASSERT_FALSE(c);
    EXPECT_NE(c.error().message.find("connect to the server itself"), std::string::npos)
        << c.error().message;
}

TEST_F(Pooler, LetsMigrationsRun) {
    auto c = connect(pooler_->through(empty_database()));

    EXPECT_TRUE(pg::migrate_up(c, {}));
    EXPECT_TRUE(pg::migrate_down(c, {.to = 0, .accept_losses = true}));
}

// Goal: what a service adds through the pooler is in the outbox exactly when its transaction has
// committed. Method: more clients than server sessions, in turn; a third of the transactions is
// rolled back, and each is served by another session than the one before.
TEST_F(Pooler, HoldsAnEventIfAndOnlyIfItsTransactionHasCommitted) {
    constexpr int rounds = 30;
    std::vector<std::unique_ptr<pqxx::connection>> services;
    for (int i = 0; i < 2 * sessions; ++i)
        services.push_back(std::make_unique<pqxx::connection>(through_));
    const event e{.topic = "orders", .key = "k", .type = "t", .payload = "p", .content_type = ""};
    std::set<std::string> committed, served_by;

    for (int i = 0; i < rounds; ++i) {
        for (auto& s : services) {
            pqxx::work tx(*s);
            const auto id = outbox({.serialize = true}).add(tx, e);
            served_by.insert(tx.exec("SELECT pg_backend_pid()")[0][0].c_str());
            if (i % 3 == 0) continue;  // rolled back
            tx.commit();
            committed.insert(id.to_string());
        }
    }

    auto db = connect(database_);
    auto r = db.exec("SELECT id FROM onceward.outbox");
    std::set<std::string> found;
    for (int i = 0; i < r->size(); ++i) found.emplace(r->text(i, 0));
    EXPECT_EQ(found, committed);
    EXPECT_EQ(committed.size(), 2U * sessions * rounds * 2 / 3);
    EXPECT_EQ(served_by.size(), std::size_t{sessions});
}

}  // namespace onceward::test
