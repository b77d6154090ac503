/// @file
/// Dead letters, looked at and decided on by a person.

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward::cli {
namespace {

using test::value_of;

class DeadCommand : public ::testing::Test {
protected:
    /// As the relay leaves an event that Kafka refused.
    std::string bury(const std::string& topic, const std::string& key, int version,
                     const std::string& reason = "too large") {
        const std::string id =
            value_of(db_, "SELECT onceward.add('" + topic + "', '" + key + "', 'counted', '" +
                              std::to_string(version) + "')");
        value_of(db_,
                 "INSERT INTO onceward.outbox_dead (shard, xid, seq, id, topic, key, type, payload,"
                 " content_type, headers, created_at, reason) SELECT 0, xid, seq, id, topic, key, "
                 "type, payload, content_type, headers, created_at, '" +
                     reason + "' FROM onceward.outbox WHERE id = '" + id + "'");
        return id;
    }
    test::finished dead(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"dead", "--database", database_});
        return test::run_onceward(arguments);
    }
    /// The ids that `dead list` shows with these filters.
    std::vector<std::string> listed(std::vector<std::string> filters) {
        filters.insert(filters.begin(), {"list", "--json"});
        const auto r = dead(filters);
        EXPECT_EQ(r.code, 0) << r.err;
        std::vector<std::string> ids;
        for (const auto& d : nlohmann::json::parse(r.out)) ids.push_back(d["id"]);
        return ids;
    }
    std::string rows(const std::string& condition) {
        return value_of(db_, "SELECT count(*) FROM onceward.outbox_dead WHERE " + condition);
    }
    std::string file(const std::string& content) {
        const auto path = directory_.path() / "content";
        std::ofstream(path) << content;
        return path.string();
    }

    test::temp_directory directory_;
    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
};

}  // namespace

TEST_F(DeadCommand, ListsWhatEachFilterNames) {
    const auto a = bury("orders", "ann", 1);
    const auto b = bury("orders", "bob", 2, "no such schema");
    const auto c = bury("stock", "ann", 3);
    value_of(db_,
             "UPDATE onceward.outbox_dead SET dead_at = '2026-01-01', type = 'other' "
             "WHERE topic = 'stock'");

    EXPECT_EQ(listed({}), (std::vector{a, b, c}));
    EXPECT_EQ(listed({"--topic", "orders"}), (std::vector{a, b}));
    EXPECT_EQ(listed({"--key", "ann"}), (std::vector{a, c}));
    EXPECT_EQ(listed({"--type", "other"}), (std::vector{c}));
    EXPECT_EQ(listed({"--reason", "schema"}), (std::vector{b}));
    EXPECT_EQ(listed({"--since", "2026-02-01"}), (std::vector{a, b}));
    EXPECT_EQ(listed({"--until", "2026-02-01"}), (std::vector{c}));
    EXPECT_EQ(listed({"--id", a, "--id", c}), (std::vector{a, c}));
    EXPECT_EQ(listed({"--topic", "orders", "--key", "bob"}), (std::vector{b}));
    EXPECT_EQ(listed({"--limit", "1"}), (std::vector{a}));
    EXPECT_EQ(listed({"--state", "discarded"}), std::vector<std::string>{});
    EXPECT_EQ(listed({"--key", "' OR true --"}), std::vector<std::string>{});
}

TEST_F(DeadCommand, ShowsAPayloadOnlyWhenAsked) {
    const auto id = bury("orders", "ann", 4711);

    const auto without = dead({"show", id});
    const auto with = dead({"show", id, "--payload", "--json"});

    EXPECT_EQ(without.code, 0) << without.err;
    EXPECT_EQ(without.out.find("4711"), std::string::npos) << without.out;
    EXPECT_NE(without.out.find("too large"), std::string::npos) << without.out;
    const auto j = nlohmann::json::parse(with.out);
    EXPECT_EQ(j["payload"], "4711");
    EXPECT_EQ(j["key"], "ann");
    EXPECT_EQ(j["payload_bytes"], 4);
}

TEST_F(DeadCommand, ShowsBytesThatAreNoTextAsHexadecimalDigits) {
    const auto id = bury("orders", "ann", 1);
    value_of(db_, "UPDATE onceward.outbox_dead SET payload = '\\xff00'");

    const auto r = dead({"show", id, "--payload", "--json"});

    EXPECT_EQ(nlohmann::json::parse(r.out)["payload_hex"], "ff00") << r.out << r.err;
}

TEST_F(DeadCommand, LetsNothingInAReasonSteerTheTerminal) {
    const auto id = bury("orders", "ann", 1, "no\x1b[31m");

    for (const auto& r : {dead({"list"}), dead({"show", id}), dead({"discard", "--all"})}) {
        EXPECT_NE(r.out.find("no?[31m"), std::string::npos) << r.out;
        EXPECT_EQ(r.out.find('\x1b'), std::string::npos);
    }
}

TEST_F(DeadCommand, RedrivesInTheOrderOfTheOutboxUnderTheOldIds) {
    const auto first = bury("orders", "ann", 1);
    const auto second = bury("orders", "ann", 2);
    bury("stock", "ann", 3);

    const auto r = dead({"redrive", "--topic", "orders", "--yes"});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(r.out, "redriven 2\n");
    EXPECT_EQ(value_of(db_,
                       "SELECT string_agg(id::text, ' ' ORDER BY seq) FROM onceward.outbox "
                       "WHERE late"),
              first + " " + second);
    EXPECT_EQ(rows("state = 'redriven' AND payload IS NULL AND key IS NULL"), "2");
    EXPECT_EQ(rows("state = 'dead'"), "1");
    EXPECT_EQ(value_of(db_,
                       "SELECT string_agg(subject, ' ' ORDER BY at) FROM onceward.audit WHERE "
                       "action = 'dead redrive' AND actor = session_user"),
              first + " " + second);
}

TEST_F(DeadCommand, DoesNothingWithoutAYesOrInADryRun) {
    const auto id = bury("orders", "ann", 1);

    const auto asked = dead({"discard", "--all"});
    const auto dry = dead({"discard", "--all", "--dry-run", "--yes"});

    EXPECT_EQ(asked.code, 1);
    EXPECT_NE(asked.err.find("--yes"), std::string::npos) << asked.err;
    EXPECT_EQ(dry.code, 0);
    for (const auto& r : {asked, dry}) {
        EXPECT_NE(r.out.find(id), std::string::npos) << r.out;
        EXPECT_NE(r.out.find("would discard 1"), std::string::npos) << r.out;
    }
    EXPECT_EQ(rows("state = 'dead'"), "1");
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.audit"), "0");
}

TEST_F(DeadCommand, DecidesOnNothingThatIsNotNamed) {
    bury("orders", "ann", 1);

    EXPECT_EQ(dead({"discard", "--yes"}).code, 64);
    EXPECT_EQ(dead({"redrive", "--yes"}).code, 64);
    EXPECT_EQ(dead({"redrive", "--topic", "", "--yes"}).code, 64);
    EXPECT_EQ(dead({"list", "--since", "no time"}).code, 64);
    EXPECT_EQ(dead({"show", "no id"}).code, 64);
    EXPECT_EQ(rows("state = 'dead'"), "1");
}

TEST_F(DeadCommand, DiscardsWithoutATraceOfTheContent) {
    bury("orders", "ann", 4711);

    EXPECT_EQ(dead({"discard", "--key", "ann", "--yes", "--json"}).out, "{\"discarded\":1}\n");

    EXPECT_EQ(rows("state = 'discarded' AND key IS NULL AND payload IS NULL AND headers IS NULL"),
              "1");
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.audit a WHERE a::text ~ '4711|ann'"),
              "0");
}

TEST_F(DeadCommand, EditsWhatIsGivenAndNothingElse) {
    const auto id = bury("orders", "ann", 1);

    EXPECT_EQ(dead({"edit", id, "--payload-file", file("smaller")}).code, 0);
    EXPECT_EQ(dead({"edit", id, "--headers-file", file(R"([["tenant", "b"]])")}).code, 0);

    const auto j = nlohmann::json::parse(dead({"show", id, "--payload", "--json"}).out);
    EXPECT_EQ(j["payload"], "smaller");
    EXPECT_EQ(j["headers"], nlohmann::json::parse(R"([["tenant", "b"]])"));
    EXPECT_EQ(j["topic"], "orders");
    EXPECT_EQ(j["content_type"], "application/json");
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.audit WHERE action = 'dead edit'"), "2");
}

TEST_F(DeadCommand, RefusesAnEditThatTheOutboxWouldRefuse) {
    const auto id = bury("orders", "ann", 1);

    EXPECT_EQ(dead({"edit", id}).code, 64);
    EXPECT_EQ(dead({"edit", id, "--headers-file", file("{\"a\": 1}")}).code, 64);
    EXPECT_EQ(dead({"edit", id, "--headers-file", "/no/such/file"}).code, 64);
}

TEST_F(DeadCommand, RefusesIdsThatConsumersWouldSetAsideUnlessTheyGetNewOnes) {
    const auto id = bury("orders", "ann", 1);
    const std::string old = "01000000-0000-7000-8000-000000000001";
    value_of(db_, "UPDATE onceward.outbox_dead SET id = '" + old + "'");

    const auto refused = dead({"redrive", "--all", "--yes"});
    EXPECT_EQ(refused.code, 1);
    EXPECT_NE(refused.err.find("--as-new"), std::string::npos) << refused.err;
    EXPECT_EQ(rows("state = 'dead'"), "1");

    EXPECT_EQ(dead({"redrive", "--all", "--as-new", "--yes"}).code, 0);
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.outbox WHERE late AND id <> '" + old +
                                "' AND id <> '" + id + "'"),
              "1");
    EXPECT_EQ(value_of(db_,
                       "SELECT detail->>'new_id' = (SELECT id::text FROM onceward.outbox "
                       "WHERE late) FROM onceward.audit"),
              "t");
}

TEST_F(DeadCommand, NeedsTheOwner) {
    bury("orders", "ann", 1);
    auto as_monitor = database_ + " options='-c role=onceward_monitor'";

    const auto r = test::run_onceward({"dead", "list", "--database", as_monitor});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("owns the schema's tables"), std::string::npos) << r.err;
}

}  // namespace onceward::cli
