#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pg/migrator.hpp"
#include "program.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::run_onceward;

std::string count_of_tables(const std::string& database) {
    auto c = test::connect(database);
    return test::value_of(c, "SELECT count(*) FROM pg_tables WHERE schemaname = 'onceward'");
}

TEST(MigrateCommand, AppliesAllOnceAndSaysSo) {
    const std::string database = test::empty_database();

    const auto first = run_onceward({"migrate", "up", "--database", database});
    const auto second = run_onceward({"migrate", "up"}, {"ONCEWARD_DATABASE=" + database});

    EXPECT_EQ(first.code, 0) << first.err;
    EXPECT_NE(first.out.find("applied 0001_roles"), std::string::npos) << first.out;
    EXPECT_EQ(second.code, 0) << second.err;
    EXPECT_NE(second.out.find("nothing to do"), std::string::npos) << second.out;
}

TEST(MigrateCommand, TakesTheServerFromTheVariablesOfLibpq) {
    const std::string database = test::empty_database();
    const std::string name = database.substr(database.find("dbname=") + 7);

    const auto r = run_onceward({"migrate", "up"},
                                {"ONCEWARD_DATABASE", "PGDATABASE=" + name, "PGUSER=postgres",
                                 "PGHOST=" + test::server().socket_directory().string(),
                                 "PGPORT=" + std::to_string(test::server().port())});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(count_of_tables(database), "0");
}

TEST(MigrateCommand, ChangesNothingInADryRun) {
    const std::string database = test::empty_database();

    const auto r = run_onceward({"migrate", "up", "--dry-run", "--database", database});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("would apply 0001_roles"), std::string::npos) << r.out;
    EXPECT_EQ(count_of_tables(database), "0");
}

TEST(MigrateCommand, ShowsWhatIsPendingWithExitCodeOne) {
    const std::string database = test::empty_database();

    const auto before = run_onceward({"migrate", "status", "--json", "--database", database});
    run_onceward({"migrate", "up", "--database", database});
    const auto after = run_onceward({"migrate", "status", "--json", "--database", database});

    EXPECT_EQ(before.code, 1);
    EXPECT_EQ(nlohmann::json::parse(before.out)["migrations"][0]["state"], "pending");
    EXPECT_EQ(after.code, 0);
    const auto j = nlohmann::json::parse(after.out);
    EXPECT_EQ(j["migrations"][0]["state"], "applied");
    EXPECT_EQ(j["required_version"], pg::required_schema_version());
}

TEST(MigrateCommand, ListsWhatItAppliedAsJson) {
    const auto r = run_onceward({"migrate", "up", "--json", "--database", test::empty_database()});

    EXPECT_EQ(r.code, 0) << r.err;
    const auto applied = nlohmann::json::parse(r.out)["applied"];
    ASSERT_FALSE(applied.empty());
    EXPECT_EQ(applied.front()["version"], 1);
    EXPECT_EQ(applied.back()["version"], pg::required_schema_version());
}

TEST(MigrateCommand, RefusesAnEditedMigrationAsWrongSetUp) {
    const std::string database = test::migrated_database();
    auto c = test::connect(database);
    test::value_of(c, "UPDATE onceward.schema_version SET checksum = 'x' WHERE version = 1");

    const auto r = run_onceward({"migrate", "up", "--database", database});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("must not be edited"), std::string::npos) << r.err;
    EXPECT_EQ(run_onceward({"migrate", "status", "--database", database}).code, 1);
}

TEST(MigrateCommand, GivesUpOnATableInUseWithinItsLockTimeout) {
    const std::string database = test::empty_database();
    auto holder = test::connect(database);
    test::value_of(holder, "CREATE SCHEMA onceward");
    test::value_of(holder,
                   "CREATE TABLE onceward.schema_version (version int PRIMARY KEY, name text, "
                   "compatible_from int, checksum text, applied_at timestamptz DEFAULT now(), "
                   "applied_by text)");
    test::value_of(holder, "BEGIN");
    test::value_of(holder, "LOCK TABLE onceward.schema_version");

    const auto r =
        run_onceward({"migrate", "up", "--lock-timeout", "100ms", "--database", database});

    EXPECT_EQ(r.code, 69);
    EXPECT_NE(r.err.find("Somebody holds the lock"), std::string::npos) << r.err;
}

}  // namespace
}  // namespace onceward
