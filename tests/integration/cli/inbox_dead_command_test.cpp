#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using nlohmann::json;
using test::run_onceward;
using test::value_of;

/// Dead letters 1 and 2 were refused, 3 quarantined; 4 is another consumer's.
class InboxDead : public ::testing::Test {
protected:
    InboxDead() {
        const auto add = [&](const std::string& consumer, int off, const std::string& kind) {
            value(
                "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, id, key, type, "
                "payload, "
                "headers, reason, kind, sqlstate) VALUES ('" +
                consumer + "', 'orders', 0, " + std::to_string(off) +
                ", gen_random_uuid(), 'k', 'placed', 'secret', '[[\"a\", \"b\"]]', "
                "E'no\\x1b[31m', '" +
                kind + "', '23505')");
        };
        add("shipping", 1, "refused");
        add("shipping", 2, "refused");
        add("shipping", 3, "quarantined");
        add("billing", 1, "refused");
    }

    std::string value(const std::string& sql) { return value_of(db_, sql); }
    std::string states() {
        return value("SELECT string_agg(state, ',' ORDER BY number) FROM onceward.inbox_dead");
    }
    std::string audits() { return value("SELECT count(*) FROM onceward.audit"); }

    test::finished dead(std::vector<std::string> arguments, const std::string& login = "") {
        arguments.insert(arguments.begin(), {"inbox", "dead"});
        arguments.insert(arguments.end(), {"--database", database_ + login});
        return run_onceward(arguments);
    }
    json dead_json(std::vector<std::string> arguments) {
        arguments.push_back("--json");
        const auto r = dead(arguments);
        EXPECT_EQ(r.code, 0) << r.err;
        return json::parse(r.out, nullptr, false);
    }

    const std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
};

TEST_F(InboxDead, ListsThoseThatWaitWithoutTheirContent) {
    value("SELECT onceward.inbox_dead_discard(1, '')");

    const auto all = dead_json({"list"});

    ASSERT_EQ(all.size(), 3U) << all.dump(2);
    EXPECT_EQ(all[0]["number"], 2);
    EXPECT_EQ(all[0]["topic"], "orders");
    EXPECT_EQ(all[0]["sqlstate"], "23505");
    EXPECT_EQ(all.dump().find("secret"), std::string::npos);
    EXPECT_EQ(dead_json({"list", "--state", "all"}).size(), 4U);
    EXPECT_EQ(dead_json({"list", "--state", "discarded"})[0]["number"], 1);
    EXPECT_EQ(dead_json({"list", "--consumer", "billing"})[0]["number"], 4);
    EXPECT_EQ(dead_json({"list", "--kind", "quarantined"})[0]["number"], 3);
    EXPECT_EQ(dead_json({"list", "--topic", "elsewhere"}).size(), 0U);
    EXPECT_EQ(dead_json({"list", "--limit", "1"}).size(), 1U);
}

TEST_F(InboxDead, ListIsForMonitorsAndSteersNoTerminal) {
    value("CREATE ROLE looks_only LOGIN IN ROLE onceward_monitor");

    const auto r = dead({"list"}, " user=looks_only");
    const auto show = dead({"show", "1"}, " user=looks_only");

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_NE(r.out.find("orders[0] 1"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find('\x1b'), std::string::npos);
    EXPECT_EQ(show.code, 78);
    EXPECT_NE(show.err.find("owns the schema's tables"), std::string::npos) << show.err;
    value("DROP ROLE looks_only");
}

TEST_F(InboxDead, ShowsOneWithItsContent) {
    const auto d = dead_json({"show", "1"});

    EXPECT_EQ(d["payload"]["base64"], "c2VjcmV0");
    EXPECT_EQ(d["headers"], json::parse(R"([["a", "b"]])"));
    EXPECT_NE(dead({"show", "2"}).out.find("base64 c2VjcmV0"), std::string::npos);
    EXPECT_EQ(dead({"show", "99"}).code, 1);
}

TEST_F(InboxDead, EditsPayloadAndHeaders) {
    const test::temp_directory files;
    std::ofstream(files.path() / "payload") << "mended";
    std::ofstream(files.path() / "headers") << R"([["c", "d"]])";

    dead_json({"edit", "1", "--payload-file", files.path() / "payload", "--headers-file",
               files.path() / "headers"});

    EXPECT_EQ(
        value("SELECT convert_from(payload, 'UTF8') || headers::text FROM onceward.inbox_dead "
              "WHERE number = 1"),
        R"(mended[["c", "d"]])");
    dead_json({"edit", "1", "--tombstone"});
    EXPECT_EQ(value("SELECT payload IS NULL FROM onceward.inbox_dead WHERE number = 1"), "t");
    EXPECT_EQ(dead({"edit", "1"}).code, 64);
    EXPECT_EQ(dead({"edit", "1", "--payload-file", "/no/such/file"}).code, 64);
}

TEST_F(InboxDead, RedrivesByNumber) {
    const auto r = dead_json({"redrive", "2", "1"});

    EXPECT_EQ(states(), "redrive,redrive,dead,dead");
    EXPECT_EQ(r["letters"][0]["redrive_id"],
              value("SELECT id FROM onceward.inbox_dead WHERE number = 1"));
    EXPECT_EQ(audits(), "2");
}

TEST_F(InboxDead, RedrivesAllThatMatch) {
    dead_json({"redrive", "--all", "--consumer", "shipping"});
    EXPECT_EQ(states(), "redrive,redrive,dead,dead");

    dead_json({"redrive", "--all", "--as-new"});
    EXPECT_EQ(states(), "redrive,redrive,redrive,dead");
}

TEST_F(InboxDead, DiscardsWithAReason) {
    dead_json({"discard", "3", "--why", "sent by hand"});

    EXPECT_EQ(states(), "dead,dead,discarded,dead");
    EXPECT_EQ(value("SELECT detail->>'why' FROM onceward.audit"), "sent by hand");
    EXPECT_EQ(dead({"discard", "1"}).code, 64);

    dead_json({"discard", "--all", "--kind", "refused", "--topic", "orders", "--why", "old"});
    EXPECT_EQ(states(), "discarded,discarded,discarded,discarded");
}

TEST_F(InboxDead, ADryRunSaysWhatItConcernsAndChangesNothing) {
    const auto r = dead_json({"redrive", "--all", "--dry-run"});

    EXPECT_EQ(r["dry_run"], true);
    EXPECT_EQ(r["letters"].size(), 3U);
    EXPECT_EQ(states(), "dead,dead,dead,dead");
    EXPECT_EQ(audits(), "0");
    EXPECT_NE(dead({"discard", "1", "--why", "x", "--dry-run"}).out.find("nothing is changed"),
              std::string::npos);
}

TEST_F(InboxDead, DecidesOnAllThatAreNamedOrOnNone) {
    const auto r = dead({"redrive", "1", "3"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.err.find("was quarantined"), std::string::npos) << r.err;
    EXPECT_EQ(states(), "dead,dead,dead,dead");
    EXPECT_EQ(dead({"redrive"}).code, 64);
    EXPECT_EQ(dead({"redrive", "1", "--topic", "elsewhere"}).code, 64);
    EXPECT_EQ(dead({"redrive", "1", "--all"}).code, 64);
}

}  // namespace
}  // namespace onceward
