// The options that say which database: each command that has one goes by it. Which commands have
// one is what the program itself says, so that none is forgotten.

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "dev/embedded_broker.hpp"
#include "program.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::run_onceward;
using words = std::vector<std::string>;

words operator+(words a, const words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

class ConnectionOptions : public testing::Test {
protected:
    /// A call that looks into the database, of every command that has `option`. `dev` is left out:
    /// there the names stand for what it makes.
    std::vector<words> every_command_with(const std::string& option) {
        const words kafka{"--brokers", broker_.bootstrap()};
        const std::map<std::string, words> calls{
            {"config", words{"config", "check", "--online"} + kafka},
            {"dead", {"dead", "list"}},
            {"doctor", {"doctor"}},
            {"inbox", {"inbox", "dead", "list"}},
            {"migrate", {"migrate", "status"}},
            {"relay", {"relay", "resume"}},
            {"status", {"status"}},
            {"topics", words{"topics", "check"} + kafka}};
        std::vector<words> chosen{calls.at("config")};
        for (const auto& row :
             nlohmann::json::parse(run_onceward({"config", "docs", "--json"}).out)) {
            const auto command = row["command"].get<std::string>();
            if (row["name"] == option && command != "dev") chosen.push_back(calls.at(command));
        }
        EXPECT_EQ(chosen.size(), calls.size());
        return chosen;
    }

    std::string file(const std::string& name, const std::string& content) {
        std::ofstream(files_.path() / name) << content;
        ::chmod((files_.path() / name).c_str(), 0600);
        return files_.path() / name;
    }

    dev::embedded_broker broker_{{{"orders", 1}}};
    test::temp_directory files_;
};

TEST_F(ConnectionOptions, DatabaseIsWhereEveryCommandLooks) {
    const std::string database = test::migrated_database();
    for (const auto& call : every_command_with("database")) {
        const auto away = run_onceward(call + words{"--database", "host=/nonexistent/flag"});
        EXPECT_EQ(away.code, 69) << call.front() << away.err;
        EXPECT_NE(away.err.find("/nonexistent/flag"), std::string::npos)
            << call.front() << away.err;
        EXPECT_NE(run_onceward(call + words{"--database", database}).code, 69) << call.front();
    }
}

TEST_F(ConnectionOptions, ComeFromTheFileToEveryCommandAsWell) {
    const std::string yaml = file("o.yaml", "database: host=/nonexistent/from/file\n");
    for (auto call : every_command_with("database")) {
        call.insert(call.begin() + 1, {"--config", yaml});
        const auto r = run_onceward(call);
        EXPECT_EQ(r.code, 69) << call.front() << r.err;
        EXPECT_NE(r.err.find("/nonexistent/from/file"), std::string::npos) << r.err;
    }
}

TEST_F(ConnectionOptions, SchemaIsWhatEveryCommandLooksInto) {
    const words database{"--database", test::migrated_database()};
    for (const auto& call : every_command_with("schema")) {
        const auto there = run_onceward(call + database);
        const auto elsewhere = run_onceward(call + database + words{"--schema", "elsewhere"});
        EXPECT_NE(elsewhere.code, 0) << call.front() << elsewhere.out;
        EXPECT_NE(there.out + there.err, elsewhere.out + elsewhere.err) << call.front();
    }
}

TEST_F(ConnectionOptions, OutboxIsWhichOneEveryCommandLooksAt) {
    const auto config = file("several.yaml",
                             "outboxes:\n- {name: here, database: host=/nonexistent/here}\n"
                             "- {name: there, database: host=/nonexistent/there}\n");
    for (const auto& call : every_command_with("outbox")) {
        if (call.front() == "config") continue;  // it looks at all of them
        const auto one = run_onceward(call + words{"--config", config, "--outbox", "there"});
        EXPECT_EQ(one.code, 69) << call.front() << one.err;
        EXPECT_NE(one.err.find("/nonexistent/there"), std::string::npos) << call.front() << one.err;
        const auto unsaid = run_onceward(call + words{"--config", config});
        EXPECT_NE(unsaid.err.find("say which one by --outbox"), std::string::npos)
            << call.front() << unsaid.err;
    }
}

TEST_F(ConnectionOptions, PasswordFileLetsEveryCommandIn) {
    auto owner = test::connect(test::migrated_database());
    const std::string tcp =
        test::server().tcp_conninfo(test::value_of(owner, "SELECT current_database()"));
    const words database{"--database", tcp.substr(0, tcp.find(" passfile="))};
    const std::string line = test::content_of(test::server().directory() / "pgpass");
    const words password{"--database-password-file",
                         file("password", line.substr(line.rfind(':') + 1))};
    for (const auto& call : every_command_with("database-password-file")) {
        EXPECT_EQ(run_onceward(call + database, {"PGPASSWORD"}).code, 69) << call.front();
        const auto r = run_onceward(call + database + password, {"PGPASSWORD"});
        EXPECT_NE(r.code, 69) << call.front() << r.err;
    }
}

}  // namespace
}  // namespace onceward
