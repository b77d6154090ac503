// Exit codes and messages of the command line itself.

#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>

#include "program.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::expect_in;
using test::run_onceward;

TEST(CommandLine, HelpsOnStdout) {
    const auto r = run_onceward({"--help"});

    EXPECT_EQ(r.code, 0);
    for (const char* command : {"config", "dev", "migrate", "relay", "status"})
        expect_in(r.out, command);
    EXPECT_EQ(r.err, "");
}

TEST(CommandLine, HelpsWithEachCommand) {
    for (const char* command : {"config", "dev", "migrate", "relay", "status"}) {
        const auto r = run_onceward({command, "--help"});
        EXPECT_EQ(r.code, 0) << command;
        expect_in(r.out, "--schema NAME");
    }
}

TEST(CommandLine, TellsItsVersion) {
    const auto r = run_onceward({"--version"});

    EXPECT_EQ(r.code, 0);
    EXPECT_TRUE(r.out.starts_with("onceward ")) << r.out;
}

TEST(CommandLine, RefusesNoCommandAnUnknownOneAndAnUnknownFlag) {
    EXPECT_EQ(run_onceward({}).code, 64);

    const auto unknown = run_onceward({"bogus"});
    EXPECT_EQ(unknown.code, 64);
    expect_in(unknown.err, "there is no command 'bogus'");

    const auto flag = run_onceward({"status", "--bogus"});
    EXPECT_EQ(flag.code, 64);
    expect_in(flag.err, "--bogus");
    EXPECT_EQ(run_onceward({"migrate"}).code, 64);
}

TEST(CommandLine, GuessesWhatAMisspeltCommandOrFlagMeant) {
    expect_in(run_onceward({"relai"}).err, "there is no command 'relai' (did you mean relay?)");
    expect_in(run_onceward({"relay", "--lease-tll=5s"}).err,
              "there is no flag --lease-tll (did you mean --lease-ttl?)");
    expect_in(run_onceward({"migrate", "up", "--dry-ran"}).err, "did you mean --dry-run?");
}

TEST(CommandLine, RefusesABadFlagAsWrongUsage) {
    const auto r = run_onceward({"relay", "--brokers", "localhost:1", "--piece-events", "0"});

    EXPECT_EQ(r.code, 64);
    expect_in(r.err, "--piece-events");
    expect_in(r.err, "'0'");
    expect_in(r.err, "1 to 100000 events");
}

TEST(CommandLine, RefusesABadVariableAsWrongSetUp) {
    const auto r = run_onceward({"relay", "--brokers", "localhost:1"}, {"ONCEWARD_LEASE_TTL=30"});

    EXPECT_EQ(r.code, 78);
    expect_in(r.err, "ONCEWARD_LEASE_TTL");
    expect_in(r.err, "'30' has no unit");
}

TEST(CommandLine, RefusesASchemaThatIsNoIdentifier) {
    const auto r = run_onceward({"status", "--schema", "Robert'); DROP"});

    EXPECT_EQ(r.code, 78);
    expect_in(r.err, "schema");
}

TEST(CommandLine, LeavesServiceFilesToLibpqAlsoBesideAPasswordFile) {
    const test::temp_directory files;
    std::string service = test::migrated_database();  // key=value, separated by spaces
    std::ranges::replace(service, ' ', '\n');
    std::ofstream(files.path() / "services") << "[shop]\n" << service << '\n';
    std::ofstream(files.path() / "password") << "not asked for";
    const std::vector<std::string> env{"PGSERVICEFILE=" + (files.path() / "services").string()};

    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, {"--database-password-file", files.path() / "password"}}) {
        for (const char* database : {"service=shop", "postgresql://?service=shop"}) {
            std::vector<std::string> arguments{"migrate", "status", "--database", database};
            arguments.insert(arguments.end(), more.begin(), more.end());
            const auto r = run_onceward(arguments, env);
            EXPECT_EQ(r.code, 0) << r.err;
        }
    }
}

TEST(CommandLine, TellsAServerThatIsAwayFromAWrongSetUp) {
    for (const char* command : {"status", "relay"}) {
        const auto r = run_onceward({command, "--database", "host=/nonexistent"},
                                    {"ONCEWARD_BROKERS=localhost:1"});
        EXPECT_EQ(r.code, 69) << command << r.err;
        expect_in(r.err, "/nonexistent");
    }
    EXPECT_EQ(run_onceward({"migrate", "up", "--database", "host=/nonexistent"}).code, 69);
}

TEST(CommandLine, WarnsOfAPasswordThatOthersCanRead) {
    const std::string database = "host=/nonexistent password=s3cret";

    expect_in(run_onceward({"status", "--database", database}).err, "list of processes");
    const auto quiet = run_onceward({"status"}, {"ONCEWARD_DATABASE=" + database});
    EXPECT_EQ(quiet.err.find("list of processes"), std::string::npos);
    EXPECT_EQ(quiet.err.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace onceward
