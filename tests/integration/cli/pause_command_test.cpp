#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::run_onceward;
using test::value_of;

class PauseCommand : public testing::Test {
protected:
    [[nodiscard]] test::finished relay(std::vector<std::string> more,
                                       const std::string& as = "") const {
        more.insert(more.begin(), {"relay", "--database", database_ + as});
        return run_onceward(more);
    }

    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
};

TEST_F(PauseCommand, StoresWhoPausedTheShardWhenAndWhy) {
    const auto r = relay({"pause", "--reason", "topic orders moves", "--json"});

    EXPECT_EQ(r.code, 0) << r.err;
    const auto j = nlohmann::json::parse(r.out);
    EXPECT_EQ(j["shard"], 0);
    EXPECT_EQ(j["paused"], true);
    EXPECT_EQ(j["changed"], true);
    EXPECT_EQ(j["by"], value_of(db_, "SELECT session_user"));
    EXPECT_EQ(value_of(db_, "SELECT reason FROM onceward.relay_pause WHERE shard = 0"),
              "topic orders moves");
}

TEST_F(PauseCommand, LeavesAPauseAsItIsAndSaysWhose) {
    ASSERT_EQ(relay({"pause", "--reason", "first"}).code, 0);

    const auto r = relay({"pause", "--reason", "second"});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("was paused already, since "), std::string::npos) << r.out;
    EXPECT_NE(r.out.find(": first"), std::string::npos) << r.out;
    EXPECT_EQ(value_of(db_, "SELECT reason FROM onceward.relay_pause"), "first");
}

TEST_F(PauseCommand, ResumesAndSaysWhetherThereWasAPause) {
    ASSERT_EQ(relay({"pause", "--reason", "x"}).code, 0);

    const auto first = relay({"resume"});
    const auto second = relay({"resume", "--json"});

    EXPECT_EQ(first.out, "shard 0 is resumed\n");
    EXPECT_EQ(nlohmann::json::parse(second.out)["changed"], false);
    EXPECT_EQ(second.code, 0);
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.relay_pause"), "0");
}

TEST_F(PauseCommand, IsAboutOneShard) {
    value_of(db_,
             "INSERT INTO onceward.relay_cursor (shard, bucket_from, bucket_to, lo) VALUES (4, 0, "
             "0, pg_current_snapshot()::text)");

    ASSERT_EQ(relay({"--shard", "4", "pause", "--reason", "x"}).code, 0);

    EXPECT_EQ(value_of(db_, "SELECT string_agg(shard::text, ',') FROM onceward.relay_pause"), "4");
}

TEST_F(PauseCommand, WantsAReasonAndAShardThatThereIs) {
    EXPECT_EQ(relay({"pause"}).code, 64);
    EXPECT_EQ(relay({"pause", "--reason", ""}).code, 64);
    EXPECT_EQ(relay({"pause", "--reason", std::string(1'001, 'x')}).code, 64);
    const auto r = relay({"pause", "--reason", "x", "--shard", "7"});
    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("there is no shard 7"), std::string::npos) << r.err;
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.relay_pause"), "0");
}

TEST_F(PauseCommand, SaysWhichRoleItNeeds) {
    value_of(db_,
             "DO $$ BEGIN CREATE ROLE pause_monitor LOGIN IN ROLE onceward_monitor; EXCEPTION WHEN "
             "duplicate_object THEN NULL; END $$");

    const auto r = relay({"pause", "--reason", "x"}, " user=pause_monitor");

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("GRANT onceward_relay"), std::string::npos) << r.err;
}

TEST_F(PauseCommand, SaysWhatToDoInADatabaseWithoutASchema) {
    const auto r =
        run_onceward({"relay", "pause", "--reason", "x", "--database", test::empty_database()});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("onceward migrate up"), std::string::npos) << r.err;
}

}  // namespace
}  // namespace onceward
