#include <fstream>

#include "pg/migrator.hpp"
#include "relay_fixture.hpp"

namespace onceward::test {

namespace {

std::string all_of(const std::vector<std::string>& problems) {
    std::string text;
    for (const auto& p : problems) text += p + '\n';
    return text;
}

}  // namespace

TEST_F(Relay, PreflightNamesAServerThatMayForgetCommits) {
    EXPECT_EQ(
        all_of(relay(options(), nullptr).preflight()),
        "fsync is off, so that committed events can vanish in a crash: ALTER SYSTEM SET fsync = "
        "on; SELECT pg_reload_conf();\n");
}

TEST(RelayPreflight, NamesEachProblemWithItsRemedy) {
    dev::private_postgres postgres;
    postgres.create_database("app");
    relay_options o;
    o.database = postgres.conninfo("app");
    o.brokers = "127.0.0.1:1";
    const auto problems = [&](const std::string& more = "") {
        auto changed = o;
        changed.database += more;
        return all_of(relay(changed, nullptr).preflight());
    };
    EXPECT_NE(problems().find("run `onceward migrate up`"), std::string::npos) << problems();

    auto db = connect(o.database);
    ASSERT_TRUE(pg::migrate_up(db, {}));
    EXPECT_EQ(problems(), "");
    EXPECT_EQ(problems(" options='-c role=onceward_relay'"), "");

    o.capture = capture_engine::wal;
    const auto from_wal = problems(" options='-c role=onceward_relay'");
    EXPECT_NE(from_wal.find("wal_level is replica, too low for capture by wal: ALTER SYSTEM SET "
                            "wal_level = logical"),
              std::string::npos)
        << from_wal;
    EXPECT_NE(from_wal.find("may not stream the WAL: ALTER ROLE onceward_relay REPLICATION"),
              std::string::npos)
        << from_wal;
    value_of(db, "ALTER PUBLICATION onceward SET (publish = 'insert, update')");
    EXPECT_NE(problems().find("the publication onceward is missing, or is not one"),
              std::string::npos);
    o.capture = capture_engine::poll;

    const auto as_app = problems(" options='-c role=onceward_app'");
    EXPECT_NE(as_app.find("GRANT onceward_relay TO"), std::string::npos) << as_app;

    const auto newest = std::to_string(pg::required_schema_version());
    value_of(db,
             "INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) "
             "VALUES (999, 'expand', " +
                 newest + ", 'x')");
    EXPECT_EQ(problems(), "") << "a newer schema that still serves this program";
    value_of(db, "UPDATE onceward.schema_version SET compatible_from = 999 WHERE version = 999");
    EXPECT_NE(problems().find("serves programs built for version 999 or later"), std::string::npos)
        << problems();
    value_of(db, "DELETE FROM onceward.schema_version WHERE version = 999");

    value_of(db, "ALTER SEQUENCE onceward.outbox_seq CACHE 10");
    EXPECT_NE(problems().find("ALTER SEQUENCE onceward.outbox_seq CACHE 1"), std::string::npos)
        << problems();
    value_of(db, "ALTER SEQUENCE onceward.outbox_seq CACHE 1");

    value_of(db, "UPDATE onceward.relay_cursor SET bucket_to = 254");
    value_of(db, "DROP INDEX onceward.outbox_3_seq");
    EXPECT_EQ(problems(), "") << "what a relay can do is better done";
    value_of(db,
             "INSERT INTO onceward.relay_cursor (shard, bucket_from, bucket_to, lo) VALUES "
             "(1, 254, 255, pg_current_snapshot()::text)");
    EXPECT_NE(problems().find("own the same buckets"), std::string::npos) << problems();
    value_of(db, "DELETE FROM onceward.relay_cursor WHERE shard = 1");

    o.shard = 7;
    EXPECT_NE(problems().find("shard 7 does not exist"), std::string::npos) << problems();
    o.shard = 0;

    // A server that replays WAL is a standby, whether there is a primary or not.
    value_of(db, "CHECKPOINT");
    postgres.stop();
    std::ofstream(postgres.directory() / "data" / "standby.signal").flush();
    postgres.start();
    EXPECT_NE(problems().find("connect to the primary"), std::string::npos) << problems();
}

}  // namespace onceward::test
