#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/pooler.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::run_onceward;
using test::value_of;

struct maintained {
    int code;
    nlohmann::json json;
};

class InboxMaintain : public ::testing::Test {
protected:
    InboxMaintain() {
        value_of(db_, "SELECT onceward.inbox_keep_days('billing', 20)");
        value_of(db_,
                 "UPDATE onceward.inbox_consumer SET window_seen_at = now() - interval '3 days'");
        value_of(db_, "SELECT onceward.inbox_keep_days('billing', 7)");
    }

    maintained maintain(const std::string& wait = "20s", const std::string& keep = "720h") {
        const auto r = run_onceward({"inbox", "maintain", "--json", "--wait", wait,
                                     "--keep-settled", keep, "--database", database_});
        EXPECT_EQ(r.err, "");
        return {r.code, nlohmann::json::parse(r.out, nullptr, false)};
    }

    std::string oldest_day() {
        return value_of(db_,
                        "SELECT (now() AT TIME ZONE 'UTC')::date - min(day) FROM "
                        "onceward.inbox_days('inbox')");
    }

    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
};

TEST_F(InboxMaintain, DropsTheDaysThatNoConsumerJudgesBy) {
    EXPECT_EQ(oldest_day(), "21");

    const auto m = maintain();

    EXPECT_EQ(m.code, 0);
    EXPECT_EQ(oldest_day(), "8");
    // Of ids, and of progress, of which the migration had made eight days.
    EXPECT_EQ(m.json["old_days"].size(), 13U + 7U) << m.json.dump(2);
    EXPECT_EQ(m.json["complete"], true);
    EXPECT_EQ(value_of(db_,
                       "SELECT (now() AT TIME ZONE 'UTC')::date - ids_since FROM "
                       "onceward.inbox_consumer"),
              "8");
}

TEST_F(InboxMaintain, DropsThemThroughATransactionPooler) {
    const test::pooler between(test::server(), {});
    database_ = between.through(database_);

    EXPECT_EQ(maintain().code, 0);
    EXPECT_EQ(oldest_day(), "8");
}

TEST_F(InboxMaintain, MakesTheDaysThatAreMissing) {
    value_of(db_,
             "DO $$ BEGIN EXECUTE 'DROP TABLE onceward.inbox_' || to_char((now() AT TIME ZONE "
             "'UTC')::date + 7, 'YYYYMMDD'); END $$");

    EXPECT_EQ(maintain().json["made"], 1);
    EXPECT_EQ(maintain().json["made"], 0);
}

// Goal: where a transaction has used the table and stays open, nobody but the command waits, and
// the next call goes on where it stopped.
TEST_F(InboxMaintain, LetsADayWaitThatATransactionMayUse) {
    auto reader = test::connect(database_);
    value_of(reader, "BEGIN");
    value_of(reader, "SELECT count(*) FROM onceward.inbox");

    const auto waits = maintain("200ms");

    EXPECT_EQ(waits.code, 75);
    EXPECT_EQ(waits.json["complete"], false);
    value_of(db_, "SET lock_timeout = '1s'");
    value_of(db_,
             "INSERT INTO onceward.inbox (consumer, day, id, bucket, payload_hash) VALUES "
             "('c', (now() AT TIME ZONE 'UTC')::date, gen_random_uuid(), 1, 1)");

    value_of(reader, "COMMIT");
    EXPECT_EQ(maintain().code, 0);
    EXPECT_EQ(oldest_day(), "8");
}

/// So many dead letters in `state`, settled `hours` ago; negative: not settled.
void set_aside(pg::connection& db, int count, const std::string& state, int hours) {
    value_of(
        db,
        "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, reason, state, "
        "settled_at, dead_at) SELECT 'billing', '" +
            state + std::to_string(hours) + "', 0, n, 'test', '" + state + "', " +
            (hours < 0 ? "NULL" : "now() - " + std::to_string(hours) + " * interval '1 hour'") +
            ", now() - interval '100 days' FROM generate_series(1, " + std::to_string(count) +
            ") n");
}

// Goal: what is settled does not stay for ever, and nothing goes that still waits for a decision.
TEST_F(InboxMaintain, ForgetsDeadLettersThatWereSettledLongAgo) {
    set_aside(db_, 1'500, "redriven", 31 * 24);
    set_aside(db_, 1, "discarded", 31 * 24);
    set_aside(db_, 1, "discarded", 2);
    set_aside(db_, 1, "dead", -1);
    set_aside(db_, 1, "redrive", -1);

    EXPECT_EQ(maintain().json["forgotten"], 1'501);

    EXPECT_EQ(
        value_of(db_, "SELECT string_agg(state, ' ' ORDER BY state) FROM onceward.inbox_dead"),
        "dead discarded redrive");
}

TEST_F(InboxMaintain, KeepsSettledDeadLettersForAsLongAsItIsTold) {
    set_aside(db_, 1, "discarded", 2);
    EXPECT_EQ(maintain("20s", "3h").json["forgotten"], 0);
    EXPECT_EQ(maintain("20s", "1h").json["forgotten"], 1);
}

TEST_F(InboxMaintain, SaysThatItNeedsTheOwner) {
    value_of(db_, "CREATE ROLE just_a_consumer LOGIN IN ROLE onceward_inbox");

    const auto r =
        run_onceward({"inbox", "maintain", "--database", database_ + " user=just_a_consumer"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("owns the schema's tables"), std::string::npos) << r.err;
    value_of(db_, "DROP ROLE just_a_consumer");
}

TEST_F(InboxMaintain, StatusSaysWhenDaysRunOut) {
    const auto well = run_onceward({"status", "--json", "--database", database_});
    value_of(db_,
             "DO $$ DECLARE n text; BEGIN FOR n IN SELECT name FROM onceward.inbox_days('inbox') "
             "WHERE day > (now() AT TIME ZONE 'UTC')::date + 1 LOOP "
             "EXECUTE 'DROP TABLE onceward.' || n; END LOOP; END $$");

    const auto few = run_onceward({"status", "--json", "--database", database_});

    EXPECT_EQ(nlohmann::json::parse(well.out)["inbox_days_left"], 7);
    EXPECT_EQ(few.code, 1);
    EXPECT_EQ(nlohmann::json::parse(few.out)["inbox_days_left"], 1);
    EXPECT_NE(few.out.find("onceward inbox maintain"), std::string::npos) << few.out;
}

}  // namespace
}  // namespace onceward
