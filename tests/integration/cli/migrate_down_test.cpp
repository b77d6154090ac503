// The way down, and the files as other tools run them.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "catalog.hpp"
#include "pg/migrator.hpp"
#include "program.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::catalog_of;
using test::difference;
using test::run_onceward;
using test::value_of;

/// The output of psql; fails the test unless all went well.
std::string psql(const std::string& database, const std::vector<std::string>& more) {
    std::vector<std::string> argv{"/usr/bin/env",    "psql", "-X",    "-q", "-v",
                                  "ON_ERROR_STOP=1", "-d",   database};
    argv.insert(argv.end(), more.begin(), more.end());
    test::captured_process p(argv);
    EXPECT_EQ(p.wait(), 0) << p.err();
    return p.out();
}

std::string path_of(const pg::migration_file& m, const char* ending) {
    return std::string(ONCEWARD_SQL_DIR) + "/migrations/" + pg::label(m) + ending;
}

std::string states(const std::string& database, const std::string& schema = "onceward") {
    auto c = test::connect(database);
    std::string all;
    const auto found = pg::migration_status(c, schema);
    for (const auto& m : *found) {
        all += std::to_string(m.version) + ' ' + std::string(pg::to_string(m.state)) + '\n';
    }
    return all;
}

class migrated {
public:
    migrated() : c(test::connect(database)) {}
    void add_event() { value_of(c, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)"); }
    std::string version() {
        return value_of(c, "SELECT max(version) FROM onceward.schema_version");
    }

    const std::string database = test::migrated_database();
    pg::connection c;
};

// Goal: each way down undoes its way up, to the last grant. Method: the catalog after N - 1 ups is
// the one after N ups and one down.
TEST(MigrateDown, UndoesEachMigrationToTheLastGrant) {
    auto c = test::connect(test::empty_database());
    int previous = 0;
    for (const int n : test::migration_versions()) {
        const std::string before = catalog_of(c, "onceward");
        ASSERT_TRUE(pg::migrate_up(c, {.to = n}));
        const std::string after = catalog_of(c, "onceward");
        ASSERT_NE(difference(before, after), "") << n;

        const auto gone = pg::migrate_down(c, {.to = previous});
        ASSERT_TRUE(gone) << gone.error().message;
        EXPECT_EQ(gone->size(), 1U);
        EXPECT_EQ(difference(before, catalog_of(c, "onceward")), "") << n;

        ASSERT_TRUE(pg::migrate_up(c, {.to = n}));
        EXPECT_EQ(difference(after, catalog_of(c, "onceward")), "") << n;
        previous = n;
    }
}

TEST(MigrateDown, RemovesAllOfAnotherSchemaAndLeavesTheFirstAlone) {
    migrated m;
    const std::string first = catalog_of(m.c, "onceward");
    ASSERT_EQ(run_onceward({"migrate", "up", "--database", m.database, "--schema", "second"}).code,
              0);

    const auto r = run_onceward(
        {"migrate", "down", "--to", "0", "--database", m.database, "--schema", "second"});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(value_of(m.c, "SELECT to_regnamespace('second')"), "");
    EXPECT_EQ(difference(first, catalog_of(m.c, "onceward")), "");
}

TEST(MigrateDown, RefusesToLoseEventsThatAreNotPublishedUntilItIsMeant) {
    migrated m;
    m.add_event();
    const std::vector<std::string> down{"migrate", "down", "--to", "1", "--database", m.database};

    const auto refused = run_onceward(down);
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("1 events that are not published yet"), std::string::npos)
        << refused.err;
    EXPECT_EQ(m.version(), std::to_string(pg::required_schema_version()));

    auto meant = down;
    meant.emplace_back("--yes");
    const auto r = run_onceward(meant);
    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("LOST 1 events that are not published yet"), std::string::npos) << r.out;
    EXPECT_EQ(m.version(), "1");
}

TEST(MigrateDown, SaysWhichDeadLettersAndPositionsWouldBeLost) {
    migrated m;
    value_of(
        m.c,
        "INSERT INTO onceward.outbox_dead (id, shard, xid, seq, topic, type, created_at, reason)"
        " VALUES (gen_random_uuid(), 0, '1', 1, 't', 'x', now(), 'r')");
    value_of(m.c,
             "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, reason) "
             "VALUES ('c', 't', 0, 1, 'r')");
    value_of(m.c,
             "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) "
             "VALUES ('c', 't', 0, 1)");

    const auto to_two = *pg::losses(m.c, "onceward", 2);
    const auto to_three = *pg::losses(m.c, "onceward", 3);

    EXPECT_EQ(to_two.size(), 3U);
    EXPECT_EQ(to_three.size(), 2U);
    EXPECT_TRUE(to_two.front().starts_with("1 events that Kafka refused")) << to_two.front();
}

TEST(MigrateDown, WithNothingToLoseNeedsNoYes) {
    migrated m;

    EXPECT_EQ(run_onceward({"migrate", "down", "--to", "0", "--database", m.database}).code, 0);
    EXPECT_EQ(value_of(m.c, "SELECT to_regnamespace('onceward')"), "");
}

TEST(MigrateDown, ChangesNothingInADryRunAndSaysWhatItWould) {
    migrated m;
    m.add_event();
    const std::string before = catalog_of(m.c, "onceward");

    const auto r = run_onceward(
        {"migrate", "down", "--to", "1", "--dry-run", "--json", "--database", m.database});

    EXPECT_EQ(r.code, 0) << r.err;
    const auto j = nlohmann::json::parse(r.out);
    EXPECT_EQ(j["would_take_back"].size(), test::migration_versions().size() - 1);
    EXPECT_EQ(j["losses"].size(), 2U) << r.out;
    EXPECT_EQ(difference(before, catalog_of(m.c, "onceward")), "");
}

TEST(MigrateDown, LeavesAMigrationOfANewerProgramToThatProgram) {
    migrated m;
    value_of(m.c, "INSERT INTO onceward.schema_version VALUES (999, 'future', 999, 'x')");

    const auto r = run_onceward({"migrate", "down", "--to", "1", "--database", m.database});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("newer program"), std::string::npos) << r.err;
    EXPECT_EQ(m.version(), "999");
}

TEST(MigrateDown, GivesUpOnATableInUseWithinItsLockTimeout) {
    migrated m;
    value_of(m.c, "BEGIN");
    m.add_event();

    const auto r = run_onceward({"migrate", "down", "--to", "1", "--yes", "--lock-timeout", "100ms",
                                 "--database", m.database});

    EXPECT_EQ(r.code, 69);
    EXPECT_NE(r.err.find("Somebody holds the lock"), std::string::npos) << r.err;
}

TEST(MigrateDown, RefusesAVersionThatThereIsNot) {
    EXPECT_EQ(run_onceward({"migrate", "down", "--to", "-1"}).code, 64);
    EXPECT_EQ(run_onceward({"migrate", "up", "--to", "999"}).code, 64);
    EXPECT_EQ(run_onceward({"migrate", "down"}).code, 64);
}

TEST(MigrateUp, StopsAtTheVersionThatIsAskedFor) {
    const std::string database = test::empty_database();

    const auto r = run_onceward({"migrate", "up", "--to", "2", "--database", database});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_TRUE(states(database).starts_with("1 applied\n2 applied\n3 pending\n"));
}

// Goal: whoever may not run our program on the database runs its SQL with the same effect.
TEST(MigrateUp, ShowsSqlThatDoesTheSameInPsql) {
    migrated m;
    const std::string database = test::empty_database();
    const auto shown = run_onceward({"migrate", "up", "--show-sql", "--database", database});
    ASSERT_EQ(shown.code, 0) << shown.err;
    auto c = test::connect(database);
    ASSERT_EQ(value_of(c, "SELECT to_regnamespace('onceward')"), "") << "it has changed something";
    const test::temp_directory files;
    std::ofstream(files.path() / "up.sql") << shown.out;

    psql(database, {"-f", files.path() / "up.sql"});

    EXPECT_EQ(difference(catalog_of(m.c, "onceward"), catalog_of(c, "onceward")), "");
    EXPECT_EQ(run_onceward({"migrate", "status", "--database", database}).code, 0);
}

TEST(MigrationFiles, MakeTheSameWithPsqlAndRecordThemselves) {
    migrated m;
    const std::string database = test::empty_database();
    for (const auto& f : pg::migration_files()) psql(database, {"-1", "-f", path_of(f, ".up.sql")});
    auto c = test::connect(database);

    EXPECT_EQ(difference(catalog_of(m.c, "onceward"), catalog_of(c, "onceward")), "");
    EXPECT_EQ(states(database), states(m.database));
    const auto up = run_onceward({"migrate", "up", "--database", database});
    EXPECT_NE(up.out.find("nothing to do"), std::string::npos) << up.out << up.err;

    auto down = pg::migration_files();
    std::ranges::reverse(down);
    for (const auto& f : down) psql(database, {"-1", "-f", path_of(f, ".down.sql")});
    EXPECT_EQ(value_of(c, "SELECT to_regnamespace('onceward')"), "");
}

struct tool {
    friend std::ostream& operator<<(std::ostream& out, const tool& t) { return out << t.format; }

    const char* format;
    const char* first_up;
    const char* first_down;
};

class MigrateSql : public testing::TestWithParam<tool> {};

TEST_P(MigrateSql, WritesFilesThatTheToolFindsAndThatMakeAnotherSchema) {
    migrated m;
    const test::temp_directory files;
    const std::vector<std::string> arguments{
        "migrate",  "sql",  "--format",    GetParam().format,
        "--schema", "shop", "--directory", files.path() / "sql"};

    const auto r = run_onceward(arguments);

    ASSERT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find(GetParam().first_up), std::string::npos) << r.out;
    EXPECT_NE(r.out.find(GetParam().first_down), std::string::npos) << r.out;
    const std::string database = test::empty_database();
    std::istringstream names(r.out);
    for (std::string up, down; std::getline(names, up) && std::getline(names, down);)
        psql(database, {"-1", "-f", files.path() / "sql" / up});
    auto c = test::connect(database);
    EXPECT_EQ(difference(catalog_of(m.c, "onceward"), catalog_of(c, "shop")), "");
    EXPECT_EQ(run_onceward({"migrate", "status", "--database", database, "--schema", "shop"}).code,
              0);

    EXPECT_EQ(run_onceward(arguments).out, "") << "a second call writes nothing";
    std::ofstream(files.path() / "sql" / GetParam().first_up, std::ios::app) << "-- mine\n";
    const auto edited = run_onceward(arguments);
    EXPECT_EQ(edited.code, 78);
    EXPECT_NE(edited.err.find("another content"), std::string::npos) << edited.err;
}

INSTANTIATE_TEST_SUITE_P(, MigrateSql,
                         testing::Values(tool{"plain", "0001_roles.up.sql", "0001_roles.down.sql"},
                                         tool{"flyway", "V1__roles.sql", "U1__roles.sql"},
                                         tool{"golang-migrate", "000001_roles.up.sql",
                                              "000001_roles.down.sql"}),
                         [](const auto& p) { return std::string(p.param.format).substr(0, 6); });

}  // namespace
}  // namespace onceward
