// Several outboxes in one relay process.

#include <csignal>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "pg/migrator.hpp"
#include "relay_command.hpp"
#include "support/temp_directory.hpp"

namespace onceward {
namespace {

using test::captured_process;
using test::eventually;
using test::value_of;

class RelayOutboxesCommand : public test::RelayCommand {
protected:
    RelayOutboxesCommand() {
        if (!pg::migrate_up(db_, {.schema = "billing"})) throw std::runtime_error("migrate");
    }

    /// A configuration with these outboxes.
    void configure(const std::string& outboxes) {
        std::ofstream(file()) << "database: \"" + database_ +
                                     "\"\nbrokers: " + broker_.bootstrap() +
                                     "\nlease-ttl: 2s\noutboxes:\n" + outboxes;
    }
    [[nodiscard]] std::string file() const { return files_.path() / "o.yaml"; }
    [[nodiscard]] std::vector<std::string> relay() const {
        return test::command_line({"relay", "--config", file()});
    }

    /// Whether an event that is added now is published.
    static bool relays_on(pg::connection& db, const std::string& schema) {
        value_of(db, "SELECT " + schema + ".add('orders', 'k', 'placed', '{}'::jsonb)");
        return eventually([&] {
            return value_of(db, "SELECT count(*) FROM " + schema + ".outbox o, " + schema +
                                    ".relay_cursor c WHERE NOT pg_visible_in_snapshot(o.xid, "
                                    "c.lo::pg_snapshot)") == "0";
        });
    }
    static std::string epoch(pg::connection& db, const std::string& schema) {
        return value_of(db, "SELECT epoch FROM " + schema + ".relay_cursor");
    }

    test::temp_directory files_;
};

// Goal: several schemas and databases are served, and one that is in trouble holds up none.
// Method: beside three that work, one whose server is away, one whose Kafka is away and one that is
// not migrated, which comes first in the list and is migrated later.
TEST_F(RelayOutboxesCommand, AreServedEachOnItsOwnWhateverBecomesOfTheOthers) {
    const std::string other = test::migrated_database(test::durable_server());
    const std::string late = test::empty_database(test::durable_server());
    auto other_db = test::connect(other);
    auto late_db = test::connect(late);
    if (!pg::migrate_up(other_db, {.schema = "deaf"})) FAIL();
    configure("- {name: late, database: \"" + late +
              "\"}\n"
              "- {name: away, database: host=127.0.0.1 port=1}\n"
              "- {name: deaf, schema: deaf, brokers: \"127.0.0.1:1\", database: \"" +
              other +
              "\"}\n"
              "- {name: shop}\n- {name: billing, schema: billing}\n- {name: other, database: \"" +
              other + "\"}\n");

    captured_process p(relay());

    EXPECT_TRUE(relays_on(db_, "onceward")) << p.err();
    EXPECT_TRUE(relays_on(db_, "billing")) << p.err();
    EXPECT_TRUE(relays_on(other_db, "onceward")) << p.err();
    const auto refused = [&](const std::string& name) {
        std::istringstream lines(p.err());
        for (std::string line; std::getline(lines, line);) {
            if (line.find("an outbox is not served, the others are") != std::string::npos &&
                line.find("\"outbox\":\"" + name + "\"") != std::string::npos)
                return true;
        }
        return false;
    };
    EXPECT_TRUE(eventually([&] { return refused("late") && refused("away"); })) << p.err();
    ASSERT_TRUE(pg::migrate_up(late_db, {}));
    EXPECT_TRUE(relays_on(late_db, "onceward")) << p.err();
    p.signal(SIGTERM);
    EXPECT_EQ(p.wait(), 0) << p.err();
}

TEST_F(RelayOutboxesCommand, TakeAChangeWithoutDisturbingTheOthers) {
    configure("- {name: shop}\n- {name: billing, schema: billing}\n");
    captured_process p(relay());
    ASSERT_TRUE(relays_on(db_, "onceward") && relays_on(db_, "billing")) << p.err();
    const auto shop = epoch(db_, "onceward");
    const auto billing = epoch(db_, "billing");

    configure("- {name: shop}\n- {name: billing, schema: billing, poll-max: 50ms}\n");
    p.signal(SIGHUP);

    EXPECT_TRUE(eventually([&] { return epoch(db_, "billing") != billing; })) << p.err();
    EXPECT_TRUE(relays_on(db_, "billing")) << p.err();
    EXPECT_EQ(epoch(db_, "onceward"), shop) << p.err();
}

TEST_F(RelayOutboxesCommand, AreNamedToTheCommandsThatLookAtOne) {
    configure("- {name: shop}\n- {name: billing, schema: billing}\n");
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--config", file()});
        return test::run_onceward(arguments);
    };

    EXPECT_NE(run({"status", "--json", "--outbox", "billing"}).out.find("\"name\": \"billing\""),
              std::string::npos);
    EXPECT_NE(run({"status"}).err.find("say which one by --outbox, of shop, billing"),
              std::string::npos);
    EXPECT_NE(run({"status", "--outbox", "bill"}).err.find("are shop, billing"), std::string::npos);
    EXPECT_EQ(run({"relay", "pause", "--reason", "test", "--outbox", "billing"}).code, 0);
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM billing.relay_pause"), "1");
    EXPECT_EQ(value_of(db_, "SELECT count(*) FROM onceward.relay_pause"), "0");
    EXPECT_EQ(run({"config", "check", "--online"}).code, 0);
    const auto shown = run({"config", "show", "--origin"}).out;
    EXPECT_NE(shown.find("outboxes:\n  - database: "), std::string::npos) << shown;
    EXPECT_NE(shown.find("    schema: \"billing\""), std::string::npos) << shown;
}

}  // namespace
}  // namespace onceward
