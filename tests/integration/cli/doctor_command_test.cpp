// Each ailment is found, and the printed statement mends it.

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "dev/embedded_broker.hpp"
#include "dev/private_postgres.hpp"
#include "doctor/checks.hpp"
#include "pg/checks.hpp"
#include "program.hpp"
#include "support/pooler.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::durable_server;
using test::run_onceward;
using test::value_of;

class Doctor : public testing::Test {
protected:
    test::finished examine(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"doctor", "--database", database_});
        return run_onceward(more);
    }

    /// The findings of a check, as the doctor's JSON has them.
    nlohmann::json findings(const std::string& check, const std::string& database) {
        const auto r = run_onceward({"doctor", "--json", "--database", database});
        const auto report = nlohmann::json::parse(r.out);
        EXPECT_EQ(r.code, report["level"] == "problem" ? 1 : 0);
        for (const auto& c : report["checks"])
            if (c["check"] == check) return c["findings"];
        ADD_FAILURE() << "no check " << check << " in\n" << r.out;
        return {};
    }
    nlohmann::json findings(const std::string& check) { return findings(check, database_); }

    /// Whether `check` finds exactly one thing now, of that level and with that part in it, and
    /// nothing any more after its remedy.
    void is_found_and_mended(const std::string& check, const std::string& level,
                             const std::string& part) {
        const auto before = findings(check);
        ASSERT_EQ(before.size(), 1U) << before.dump(1);
        EXPECT_EQ(before[0]["level"], level);
        EXPECT_NE(before[0]["what"].get<std::string>().find(part), std::string::npos)
            << before.dump(1);
        value_of(db_, before[0]["remedy"].get<std::string>());
        EXPECT_EQ(findings(check).size(), 0U) << findings(check).dump(1);
    }

    std::string database_ = test::migrated_database(durable_server());
    pg::connection db_ = test::connect(database_);
};

TEST_F(Doctor, FindsAFreshDatabaseWell) {
    value_of(db_, "ALTER DATABASE " + value_of(db_, "SELECT current_database()") +
                      " SET idle_in_transaction_session_timeout = '5min'");
    const auto r = examine();

    EXPECT_EQ(r.code, 0) << r.out << r.err;
    EXPECT_EQ(r.out.find("problem"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("warning"), std::string::npos) << r.out;
    for (const char* check :
         {"server", "clock", "schema version", "grants of onceward_relay", "outbox", "inbox"})
        EXPECT_NE(r.out.find(std::string("ok       ") + check + '\n'), std::string::npos) << r.out;
}

TEST_F(Doctor, IsSatisfiedWithTheRightsOfAMonitor) {
    EXPECT_EQ(run_onceward({"doctor", "--database",
                            test::login_in(database_, "onceward_monitor, pg_read_all_stats")})
                  .code,
              0);
}

TEST_F(Doctor, SaysWhatARoleWithoutGrantsLacks) {
    const auto found = findings("connected role", test::login_in(database_, "pg_monitor"));

    ASSERT_EQ(found.size(), 1U);
    EXPECT_NE(found[0]["remedy"].get<std::string>().find("GRANT onceward_app TO login_"),
              std::string::npos);
}

TEST_F(Doctor, FindsALostGrant) {
    value_of(db_, "REVOKE SELECT ON onceward.topic_pin FROM onceward_relay");
    is_found_and_mended("grants of onceward_relay", "problem",
                        "has no SELECT on onceward.topic_pin");
}

TEST_F(Doctor, FindsACachedSequence) {
    value_of(db_, "ALTER SEQUENCE onceward.outbox_seq CACHE 20");
    is_found_and_mended("outbox", "problem", "CACHE 20");
}

TEST_F(Doctor, FindsARingThatTurnsByAnotherLength) {
    value_of(db_, "UPDATE onceward.outbox_ring SET slot_seconds = 600, retain_seconds = 7200");
    is_found_and_mended("outbox", "problem", "does not turn every 600 s");
}

TEST_F(Doctor, FindsAMissingIndexOfALeaf) {
    value_of(db_, "DROP INDEX onceward.outbox_3_xid");
    is_found_and_mended("outbox", "problem", "index onceward.outbox_3_xid is missing");
}

TEST_F(Doctor, FindsAnIndexThatIsNotValid) {
    value_of(db_,
             "UPDATE pg_index SET indisvalid = false WHERE indexrelid = "
             "'onceward.outbox_3_seq'::regclass");
    is_found_and_mended("outbox", "problem", "index onceward.outbox_3_seq is not valid");
}

TEST_F(Doctor, FindsBucketsThatNoShardOwns) {
    value_of(db_, "UPDATE onceward.relay_cursor SET bucket_to = 254");

    EXPECT_NE(findings("outbox")[0]["what"].get<std::string>().find("own 255 of 256 buckets"),
              std::string::npos);
}

TEST_F(Doctor, FindsAnInboxWithoutDaysToCome) {
    value_of(db_,
             "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) VALUES "
             "('c', 't', 0, 1)");
    value_of(db_,
             "DO $$ DECLARE t text; BEGIN FOR t IN SELECT inhrelid::regclass FROM pg_inherits "
             "WHERE inhparent = 'onceward.inbox'::regclass AND right(inhrelid::regclass::text, "
             "8)::date > current_date "
             "LOOP EXECUTE 'DROP TABLE ' || t; END LOOP; END $$");
    is_found_and_mended("inbox", "warning", "onceward.inbox has partitions until");
}

/// Everything that the check of transactions says, where those of `age` count as long.
std::string long_transactions(pg::connection& c, const std::string& age) {
    std::string all;
    for (const auto& f : pg::check(c, "transactions", "onceward", {age})) all += sentence(f) + '\n';
    return all;
}

TEST(DoctorTransactions, ShowWhatHoldsBackVacuumAndHowToEndIt) {
    dev::private_postgres server({.settings = {"max_prepared_transactions = 2", "fsync = off"}});
    server.create_database("app");
    auto c = test::connect(server.conninfo("app"));
    EXPECT_EQ(long_transactions(c, "0 s"), "");
    value_of(c, "BEGIN");
    value_of(c, "CREATE TABLE t (n int)");
    value_of(c, "PREPARE TRANSACTION 'left over'");
    auto forgetful = test::connect(server.conninfo("app"));
    value_of(forgetful, "BEGIN");
    const auto pid = value_of(forgetful, "SELECT pg_backend_pid()");
    value_of(c, "SELECT pg_create_physical_replication_slot('unused')");

    const auto now = long_transactions(c, "0 s");
    EXPECT_NE(now.find("SELECT pg_terminate_backend(" + pid + ");"), std::string::npos) << now;
    EXPECT_NE(now.find("ROLLBACK PREPARED 'left over';"), std::string::npos) << now;
    EXPECT_NE(now.find("pg_drop_replication_slot('unused')"), std::string::npos) << now;
    const auto young = long_transactions(c, "1 h");
    EXPECT_EQ(young.find("open for"), std::string::npos) << young;
    EXPECT_EQ(young.find("PREPARED"), std::string::npos) << young;
    value_of(c, "ROLLBACK PREPARED 'left over'");
}

TEST_F(Doctor, NamesSettingsThatCanLoseCommits) {
    dev::private_postgres server({.settings = {"fsync = off", "synchronous_commit = off"}});
    server.create_database("app");
    auto c = test::connect(server.conninfo("app"));

    const auto found = pg::check(c, "server", "onceward");

    std::string all;
    for (const auto& f : found) all += sentence(f) + '\n';
    EXPECT_NE(all.find("fsync is off"), std::string::npos) << all;
    EXPECT_NE(all.find("synchronous_commit is off"), std::string::npos) << all;
    EXPECT_NE(all.find("idle_in_transaction_session_timeout is 0"), std::string::npos) << all;
}

TEST_F(Doctor, FindsAnEditedMigration) {
    value_of(db_, "UPDATE onceward.schema_version SET checksum = 'x' WHERE version = 2");

    EXPECT_EQ(findings("schema version")[0]["what"],
              "migration 0002_outbox was applied from another content");
}

TEST_F(Doctor, StopsWhereTheSchemaIsNotThere) {
    const auto r = run_onceward({"doctor", "--database", test::empty_database(durable_server())});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("there is no schema onceward"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("onceward migrate up"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("grants"), std::string::npos) << r.out;
}

TEST_F(Doctor, ChangesNothing) {
    const std::string state =
        "SELECT md5(string_agg(c::text, '')) || (SELECT count(*) FROM pg_class) || "
        "pg_current_xact_id_if_assigned() "
        "IS NULL FROM onceward.relay_cursor c";
    const auto before = value_of(db_, "SELECT pg_current_snapshot()");
    const auto row = value_of(db_, state);

    examine();

    EXPECT_EQ(value_of(db_, state), row);
    EXPECT_EQ(value_of(db_, "SELECT pg_current_snapshot()"), before)
        << "it has used a transaction id";
}

TEST_F(Doctor, LooksAtBrokersAndTopicsWhereItMay) {
    dev::embedded_broker broker{{{"orders", 2}}};
    value_of(db_, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)");
    value_of(db_, "SELECT onceward.add('missing', 'k', 'placed', '{}'::jsonb)");

    const auto r = examine({"--brokers", broker.bootstrap()});

    EXPECT_EQ(r.code, 1) << r.out;
    EXPECT_NE(r.out.find("ok       brokers\n"), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("problem  topic missing: "), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("problem  topic orders"), std::string::npos) << r.out;
}

/// The checks in the doctor's JSON.
std::set<std::string> checks_with(const std::string& database, const std::string& brokers) {
    const auto r = run_onceward({"doctor", "--json", "--database", database, "--brokers", brokers});
    std::set<std::string> found;
    const auto report = nlohmann::json::parse(r.out);
    for (const auto& c : report["checks"]) found.insert(c["check"].get<std::string>());
    return found;
}

TEST_F(Doctor, RunsTheChecksThatAreDocumentedAndNoOthers) {
    dev::embedded_broker broker{{{"NAME", 1}}};
    value_of(db_, "SELECT onceward.add('NAME', 'k', 'placed', '{}'::jsonb)");
    std::set<std::string> documented;
    for (const auto& c : cli::doctor_checks) documented.emplace(c.name);

    auto found = checks_with(database_, broker.bootstrap());
    value_of(db_, "DROP TABLE onceward.topic_pin");
    const test::pooler between(durable_server(), {});
    found.merge(checks_with(between.through(database_), broker.bootstrap()));

    EXPECT_EQ(found, documented);
}

TEST_F(Doctor, GivesKafkaPropertiesToLibrdkafka) {
    const auto r = examine({"--brokers", "127.0.0.1:1", "--kafka", "no.such.property=1"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("no.such.property"), std::string::npos) << r.err;
}

TEST_F(Doctor, SaysThatNoBrokerAnswers) {
    const auto r = examine({"--brokers", "127.0.0.1:1"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("problem  brokers: no broker answers"), std::string::npos) << r.out;
}

TEST_F(Doctor, FindsAPoolerInTransactionModeWell) {
    const test::pooler between(durable_server(), {});

    EXPECT_EQ(findings("pooler", between.through(database_)).size(), 0U);
}

TEST_F(Doctor, FindsAPoolerThatKeepsNoTransactionTogether) {
    const test::pooler between(durable_server(), {.mode = "statement"});

    const auto found = findings("pooler", between.through(database_));

    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0]["level"], "problem");
    EXPECT_NE(found[0]["remedy"].get<std::string>().find("pool_mode = transaction"),
              std::string::npos);
}

}  // namespace
}  // namespace onceward
