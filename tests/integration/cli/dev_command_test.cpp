#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "dev/unix_user.hpp"
#include "pg/connection.hpp"
#include "program.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::eventually;

/// `onceward dev`, up and described by its state file, in a TMPDIR of its own so that whatever it
/// leaves behind is found.
class running_dev {
public:
    explicit running_dev(std::vector<std::string> arguments = {})
        : process_(command(std::move(arguments)), {"TMPDIR=" + home_.path().string()}) {
        const bool up = eventually([&] { return exists(state_file()) || !process_.running(); });
        if (!up || !exists(state_file()))
            throw std::runtime_error("dev is not up: " + process_.err());
        state_ = nlohmann::json::parse(test::content_of(state_file()));
    }

    ~running_dev() {
        process_.signal(SIGTERM);
        process_.wait();
    }
    running_dev(const running_dev&) = delete;
    running_dev& operator=(const running_dev&) = delete;

    [[nodiscard]] std::filesystem::path state_file() const {
        return state_directory_.path() / "state";
    }
    [[nodiscard]] std::string database(const std::string& name) const {
        return state_["databases"][name];
    }
    [[nodiscard]] const nlohmann::json& state() const { return state_; }
    test::captured_process& process() { return process_; }

    /// Nothing of it is left: no directory, no server.
    [[nodiscard]] bool left_nothing() {
        return eventually([&] {
            return !exists(state_file()) && std::filesystem::is_empty(home_.path()) &&
                   !server_answers();
        });
    }

    [[nodiscard]] bool server_answers() const {
        return static_cast<bool>(
            pg::connection::open(state_["tcp"].get<std::string>() + " connect_timeout=2"));
    }

private:
    std::vector<std::string> command(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"dev", "--state-file", state_file()});
        // The unprivileged server must be able to enter.
        std::filesystem::permissions(home_.path(), std::filesystem::perms::all);
        return test::command_line(arguments);
    }

    test::temp_directory home_;
    test::temp_directory state_directory_;
    test::captured_process process_;
    nlohmann::json state_;
};

TEST(DevCommand, StartsAMigratedDatabaseAndABroker) {
    running_dev dev;

    auto c = test::connect(dev.database("app"));
    EXPECT_EQ(test::value_of(c, "SELECT count(*) FROM onceward.outbox"), "0");
    EXPECT_EQ(test::value_of(c, "SHOW fsync"), "on");
    EXPECT_TRUE(dev.server_answers());
    EXPECT_NE(dev.state()["brokers"].get<std::string>().find(':'), std::string::npos);
    EXPECT_EQ(dev.state()["pid"], dev.process().pid());
}

TEST(DevCommand, MakesTheSchemaThatIsNamed) {
    const running_dev dev({"--schema", "elsewhere"});

    auto c = test::connect(dev.database("app"));
    EXPECT_EQ(test::value_of(c, "SELECT count(*) FROM elsewhere.outbox"), "0");
    EXPECT_EQ(test::value_of(c, "SELECT to_regnamespace('onceward')"), "");
}

TEST(DevCommand, SaysHowToConnect) {
    running_dev dev({"--database", "shop", "--database", "billing", "--topic", "orders:3"});

    ASSERT_TRUE(
        eventually([&] { return dev.process().out().find("Ready.") != std::string::npos; }));
    const std::string out = dev.process().out();
    EXPECT_NE(out.find("psql '" + dev.database("shop") + "'"), std::string::npos) << out;
    EXPECT_NE(out.find("psql '" + dev.database("billing") + "'"), std::string::npos);
    EXPECT_NE(out.find("export ONCEWARD_DATABASE='" + dev.database("shop") + "'"),
              std::string::npos);
    EXPECT_NE(
        out.find("export ONCEWARD_BROKERS='" + dev.state()["brokers"].get<std::string>() + "'"),
        std::string::npos);
}

TEST(DevCommand, LeavesNothingBehindAfterEachSignalThatStopsIt) {
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        running_dev dev;

        dev.process().signal(number);

        EXPECT_EQ(dev.process().wait(), 0) << strsignal(number) << dev.process().err();
        EXPECT_TRUE(dev.left_nothing()) << strsignal(number);
    }
}

TEST(DevCommand, LeavesNothingButItsStateFileBehindWhenItIsKilled) {
    running_dev dev;

    dev.process().signal(SIGKILL);
    ASSERT_EQ(dev.process().wait(), 128 + SIGKILL);
    std::filesystem::remove(dev.state_file());  // it had no chance to do that

    EXPECT_TRUE(dev.left_nothing());
}

// Goal: also where it is started by root, the server is not root's; and it works without root.
TEST(DevCommand, WorksForAnOrdinaryUser) {
    const test::temp_directory home, bin;
    for (const auto* d : {&home, &bin})
        std::filesystem::permissions(d->path(), std::filesystem::perms::all);
    const auto state = home.path() / "state";
    auto command = test::command_line({"dev", "--state-file", state});
    // The build may be below root's home, where nobody else may start it.
    std::filesystem::copy_file(command.front(), bin.path() / "onceward");
    command.front() = bin.path() / "onceward";
    dev::child_process dev(
        {.argv = command,
         .environment = {{"PATH=/usr/bin:/bin", "TMPDIR=" + home.path().string()}},
         .user = dev::unprivileged_user(),
         .directory = home.path()});
    ASSERT_TRUE(eventually([&] { return exists(state); }));

    auto c = test::connect(nlohmann::json::parse(test::content_of(state))["databases"]["app"]);
    EXPECT_EQ(test::value_of(c, "SELECT 1"), "1");
    dev.signal(SIGINT);

    EXPECT_EQ(dev.wait(std::chrono::seconds{60}), 0);
    EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(home.path()); }));
}

TEST(DevCommand, EndsWhenItsServerEnds) {
    running_dev dev;
    auto c = test::connect(dev.database("app"));
    const auto pid = std::stoi(
        test::value_of(c, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)"));

    ::kill(pid, SIGQUIT);

    EXPECT_EQ(dev.process().wait(), 69);
    EXPECT_NE(dev.process().err().find("PostgreSQL has ended"), std::string::npos);
    EXPECT_TRUE(dev.left_nothing());
}

TEST(DevCommand, NamesAnotherBrokerInsteadOfStartingOne) {
    running_dev dev({"--kafka", "kafka.example:9092"});

    EXPECT_EQ(dev.state()["brokers"], "kafka.example:9092");
    EXPECT_EQ(dev.state()["embedded_broker"], false);
}

TEST(DevCommand, RefusesTopicsOnAnotherBrokerAndWhatIsNoName) {
    EXPECT_EQ(test::run_onceward({"dev", "--kafka", "k:1", "--topic", "orders"}).code, 64);
    EXPECT_EQ(test::run_onceward({"dev", "--topic", "orders:none"}).code, 64);
    EXPECT_EQ(test::run_onceward({"dev", "--database", "No Name"}).code, 64);
}

TEST(DevCommand, SaysWhereItCannotWork) {
    const test::temp_directory deep;
    const auto closed = deep.path() / "closed";
    std::filesystem::create_directory(closed);
    std::filesystem::permissions(closed, std::filesystem::perms::owner_all);
    // Root enters everywhere, but the user that it drops to does not; an ordinary user is at home.
    if (dev::unprivileged_user()) {
        const auto r = test::run_onceward({"dev"}, {"TMPDIR=" + closed.string()});
        EXPECT_EQ(r.code, 69);
        EXPECT_NE(r.err.find("set TMPDIR to another"), std::string::npos) << r.err;
    }

    const auto long_path = deep.path() / std::string(100, 'x');
    std::filesystem::create_directory(long_path);
    const auto r = test::run_onceward({"dev"}, {"TMPDIR=" + long_path.string()});

    EXPECT_EQ(r.code, 69);
    EXPECT_NE(r.err.find("too long for a Unix socket"), std::string::npos) << r.err;
    EXPECT_TRUE(std::filesystem::is_empty(closed));
    EXPECT_TRUE(std::filesystem::is_empty(long_path));
}

TEST(DevCommand, SaysHowToInstallPostgresWhereThereIsNone) {
    const auto r = test::run_onceward({"dev"}, {"ONCEWARD_POSTGRES_BIN=/nonexistent"});

    EXPECT_EQ(r.code, 69);
    EXPECT_NE(r.err.find("apt-get install postgresql"), std::string::npos) << r.err;
}

}  // namespace
}  // namespace onceward
