#include "pg/migrator.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "dev/private_postgres.hpp"
#include "sql/embedded.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward::pg {
namespace {

using test::connect;
using test::value_of;

int count_in(const std::vector<migration>& all, migration_state state) {
    return static_cast<int>(std::ranges::count(all, state, &migration::state));
}

TEST(EmbeddedSql, IsByteForByteWhatTheFilesSay) {
    int found = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(ONCEWARD_SQL_DIR)) {
        if (entry.path().extension() != ".sql") continue;
        const std::string path = relative(entry.path(), ONCEWARD_SQL_DIR).string();
        EXPECT_TRUE(sql::text(path) == test::content_of(entry.path())) << path;
        ++found;
    }

    EXPECT_EQ(static_cast<std::size_t>(found), sql::files().size());
}

TEST(EmbeddedSql, RefusesAPathThatItDoesNotHave) {
    EXPECT_THROW(static_cast<void>(sql::text("migrations/0000_none.up.sql")), std::out_of_range);
}

// Numbers may be missing while several changes are on their way; the order is what counts.
TEST(Migrator, HasFilesWithNamesAndAscendingNumbersFromOne) {
    auto c = connect(test::empty_database());

    const auto all = migration_status(c, "onceward");

    ASSERT_TRUE(all);
    ASSERT_FALSE(all->empty());
    EXPECT_EQ(all->front().version, 1);
    for (std::size_t i = 0; i < all->size(); ++i) {
        EXPECT_TRUE(i == 0 || (*all)[i].version > (*all)[i - 1].version);
        EXPECT_FALSE((*all)[i].name.empty());
    }
    EXPECT_EQ(required_schema_version(), all->back().version);
}

TEST(Migrator, ShowsAllAsPendingInAnEmptyDatabaseAndChangesNothing) {
    auto c = connect(test::empty_database());

    const auto all = migration_status(c, "onceward");
    const auto version = current_version(c, "onceward");

    ASSERT_TRUE(all) << all.error().message;
    EXPECT_EQ(count_in(*all, migration_state::pending), static_cast<int>(all->size()));
    ASSERT_TRUE(version);
    EXPECT_EQ(*version, 0);
    EXPECT_EQ(value_of(c, "SELECT to_regnamespace('onceward')"), "");
}

TEST(Migrator, AppliesAllThenFindsNothingToDo) {
    auto c = connect(test::empty_database());

    const auto first = migrate_up(c, {});
    const auto second = migrate_up(c, {});

    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->size(), test::migration_versions().size());
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_TRUE(second->empty());
    const auto all = migration_status(c, "onceward");
    ASSERT_TRUE(all);
    EXPECT_EQ(count_in(*all, migration_state::applied), static_cast<int>(first->size()));
    EXPECT_EQ(all->front().applied_by, "postgres");
    EXPECT_EQ(*current_version(c, "onceward"), required_schema_version());
}

// Goal: any number of processes may migrate at once, also databases of one cluster that all make
// the same roles. Method: a fresh server, 2 databases, 3 sessions each.
TEST(Migrator, RunsManyTimesAtOnceAndAppliesEachOnce) {
    dev::private_postgres fresh({.settings = {"fsync = off"}});
    for (const char* name : {"a", "b"}) fresh.create_database(name);
    std::vector<std::string> problems(6);
    std::vector<std::size_t> applied(6);
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < 6; ++i) {
            threads.emplace_back([&, i] {
                auto c = connect(fresh.conninfo(i % 2 == 0 ? "a" : "b"));
                const auto made = migrate_up(c, {});
                if (!made)
                    problems[i] = made.error().message;
                else
                    applied[i] = made->size();
            });
        }
    }

    EXPECT_EQ(problems, std::vector<std::string>(6));
    const auto required = test::migration_versions().size();
    EXPECT_EQ(applied[0] + applied[2] + applied[4], required);
    EXPECT_EQ(applied[1] + applied[3] + applied[5], required);
}

TEST(Migrator, ServesAnotherSchemaBesideTheFirst) {
    auto c = connect(test::migrated_database());

    const auto made = migrate_up(c, {.schema = "shop_events"});

    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->size(), test::migration_versions().size());
    value_of(c, "SELECT shop_events.add('orders', 'k', 'placed', '{}'::jsonb)");
    EXPECT_EQ(value_of(c, "SELECT count(*) FROM shop_events.outbox"), "1");
    EXPECT_EQ(value_of(c, "SELECT count(*) FROM onceward.outbox"), "0");
}

TEST(Migrator, RefusesADatabaseWhoseMigrationWasEdited) {
    auto c = connect(test::migrated_database());
    value_of(c, "UPDATE onceward.schema_version SET checksum = 'other' WHERE version = 2");

    const auto made = migrate_up(c, {});
    const auto all = migration_status(c, "onceward");

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().next, verdict::fatal);
    EXPECT_NE(made.error().message.find("0002_outbox"), std::string::npos);
    ASSERT_TRUE(all);
    EXPECT_EQ(count_in(*all, migration_state::changed), 1);
}

TEST(Migrator, LeavesASchemaOfANewerProgramAlone) {
    auto c = connect(test::migrated_database());
    value_of(c, "INSERT INTO onceward.schema_version VALUES (999, 'future', 999, 'x')");

    const auto made = migrate_up(c, {});
    const auto all = migration_status(c, "onceward");

    ASSERT_TRUE(made) << made.error().message;
    EXPECT_TRUE(made->empty());
    ASSERT_TRUE(all);
    EXPECT_EQ(all->back().state, migration_state::unknown);
    EXPECT_EQ(all->back().name, "future");
    EXPECT_EQ(*current_version(c, "onceward"), 999);
}

TEST(Migrator, RollsBackAMigrationThatFails) {
    auto c = connect(test::empty_database());
    value_of(c, "CREATE SCHEMA onceward");
    value_of(c, "CREATE TABLE onceward.outbox_ring (in_the_way int)");

    const auto made = migrate_up(c, {});

    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("migration 0002_outbox failed and was rolled back"),
              std::string::npos)
        << made.error().message;
    EXPECT_EQ(*current_version(c, "onceward"), 1);
    EXPECT_EQ(value_of(c, "SELECT to_regclass('onceward.outbox')"), "");
    EXPECT_EQ(value_of(c, "SELECT 1"), "1") << "the session is usable";
}

TEST(Migrator, SaysWhichRightsItNeeds) {
    const std::string conninfo = test::empty_database();
    auto c = test::connect_as(conninfo, "pg_monitor");

    const auto made = migrate_up(c, {});

    ASSERT_FALSE(made);
    EXPECT_NE(made.error().message.find("may create roles and schemas"), std::string::npos);
}

TEST(Migrator, GivesUpWhenAnotherRunHoldsTheTurnForTooLong) {
    const std::string conninfo = test::migrated_database();
    auto holder = connect(conninfo);
    value_of(holder, "SELECT pg_advisory_lock(1330528856, hashtext('migrate onceward'))");
    auto c = connect(conninfo);

    const auto made = migrate_up(c, {.turn_timeout = std::chrono::milliseconds{200}});

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().next, verdict::transient);
}

TEST(Migrator, TellsAnyRoleThatMayUseTheSchemaItsVersion) {
    const std::string conninfo = test::migrated_database();

    for (const char* role :
         {"onceward_app", "onceward_relay", "onceward_inbox", "onceward_monitor"}) {
        auto c = test::connect_as(conninfo, role);
        const auto version = current_version(c, "onceward");
        ASSERT_TRUE(version) << role << ": " << version.error().message;
        EXPECT_EQ(*version, required_schema_version()) << role;
    }
}

}  // namespace
}  // namespace onceward::pg
