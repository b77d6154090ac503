#include "dev/private_postgres.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dev/postgres_binaries.hpp"
#include "support/eventually.hpp"
#include "support/temp_directory.hpp"
#include "support/test_database.hpp"

namespace onceward::dev {
namespace {

using test::connect;
using test::eventually;
using test::value_of;

uid_t owner_of(const std::filesystem::path& path) {
    struct stat s {};
    return ::stat(path.c_str(), &s) == 0 ? s.st_uid : uid_t(-1);
}

mode_t mode_of(const std::filesystem::path& path) {
    struct stat s {};
    return ::stat(path.c_str(), &s) == 0 ? s.st_mode & 07777 : 0;
}

bool alive(pid_t pid) {
    return ::kill(pid, 0) == 0;
}

TEST(PrivatePostgres, AnswersThroughItsSocket) {
    auto c = connect(test::server().conninfo());

    EXPECT_EQ(value_of(c, "SELECT 1"), "1");
    EXPECT_EQ(value_of(c, "SHOW server_encoding"), "UTF8");
}

TEST(PrivatePostgres, AnswersThroughTcpWithItsPasswordFile) {
    auto c = connect(test::server().tcp_conninfo());

    EXPECT_EQ(value_of(c, "SELECT inet_server_addr()"), "127.0.0.1");
}

TEST(PrivatePostgres, RefusesTcpWithoutThePassword) {
    const std::string wrong =
        "host=127.0.0.1 user=postgres password=wrong port=" + std::to_string(test::server().port());

    const auto c = pg::connection::open(wrong);

    ASSERT_FALSE(c);
    EXPECT_NE(c.error().message.find("password authentication failed"), std::string::npos);
}

TEST(PrivatePostgres, IsClosedToOtherUsers) {
    const auto& directory = test::server().directory();

    EXPECT_EQ(mode_of(directory), 0700U);
    EXPECT_EQ(mode_of(test::server().socket_directory()), 0700U);
    EXPECT_EQ(mode_of(directory / "pgpass"), 0600U);
    EXPECT_EQ(mode_of(directory / "postgres.log"), 0600U);
    EXPECT_FALSE(exists(directory / "password"));
}

TEST(PrivatePostgres, NeverRunsAsRoot) {
    const auto status = "/proc/" + std::to_string(test::server().pid());

    EXPECT_NE(owner_of(status), 0U);
    EXPECT_EQ(owner_of(status), owner_of(test::server().directory()));
}

TEST(PrivatePostgres, IsDurableUnlessToldOtherwise) {
    private_postgres durable;
    auto c = connect(durable.conninfo());

    EXPECT_EQ(value_of(c, "SHOW fsync"), "on");
    EXPECT_EQ(value_of(c, "SHOW synchronous_commit"), "on");
}

TEST(PrivatePostgres, AppliesTheGivenSettings) {
    private_postgres server({.settings = {"fsync = off", "wal_writer_delay = '10s'"}});
    auto c = connect(server.conninfo());

    EXPECT_EQ(value_of(c, "SHOW wal_writer_delay"), "10s");
}

TEST(PrivatePostgres, LeavesNothingBehind) {
    std::filesystem::path directory;
    pid_t pid = 0;
    {
        private_postgres server({.settings = {"fsync = off"}});
        directory = server.directory();
        pid = server.pid();
        ASSERT_TRUE(exists(directory));
        ASSERT_TRUE(alive(pid));
    }

    EXPECT_FALSE(exists(directory));
    EXPECT_FALSE(alive(pid));
}

TEST(PrivatePostgres, KeepsCommittedRowsOverAKillOfAllItsProcesses) {
    private_postgres server;
    server.create_database("app");
    auto before = connect(server.conninfo("app"));
    value_of(before, "CREATE TABLE t (n int)");
    value_of(before, "INSERT INTO t SELECT generate_series(1, 100)");
    const pid_t first = server.pid();

    server.kill9();
    EXPECT_FALSE(server.running());
    server.start();

    auto after = connect(server.conninfo("app"));
    EXPECT_EQ(value_of(after, "SELECT count(*) FROM t"), "100");
    EXPECT_NE(server.pid(), first);
    EXPECT_FALSE(before.exec("SELECT 1"));
}

TEST(PrivatePostgres, KeepsItsDataAndItsAddressOverAStop) {
    private_postgres server({.settings = {"fsync = off"}});
    server.create_database("app");
    const std::string conninfo = server.conninfo("app");
    {
        auto c = connect(conninfo);
        value_of(c, "CREATE TABLE t (n int)");
    }

    server.stop();
    EXPECT_FALSE(server.running());
    server.start();

    auto c = connect(conninfo);
    EXPECT_EQ(value_of(c, "SELECT count(*) FROM t"), "0");
}

TEST(PrivatePostgres, SaysWhatTheServerSaidWhenItCannotStart) {
    try {
        private_postgres server({.settings = {"shared_buffers = 'nonsense'"}});
        FAIL() << "it started";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("shared_buffers"), std::string::npos) << e.what();
    }
}

TEST(PrivatePostgres, RefusesADatabaseNameThatIsNoIdentifier) {
    EXPECT_THROW(test::server().create_database("a\"; DROP"), std::invalid_argument);
}

TEST(PrivatePostgres, RefusesASecondDatabaseOfOneName) {
    test::server().create_database("twice");

    EXPECT_THROW(test::server().create_database("twice"), std::runtime_error);
}

TEST(PostgresBinaries, SayHowToInstallThemWhereThereAreNone) {
    try {
        postgres_bin({"/nonexistent"});
        FAIL() << "found";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("apt-get install postgresql"), std::string::npos);
    }
}

TEST(PrivatePostgres, StaysWhenAForkedCopyOfItsProcessEnds) {
    private_postgres server({.settings = {"fsync = off"}});
    const pid_t child = fork();
    if (child == 0) {
        server.~private_postgres();
        _exit(0);
    }
    ASSERT_EQ(waitpid(child, nullptr, 0), child);

    auto c = connect(server.conninfo());
    EXPECT_EQ(value_of(c, "SELECT 1"), "1");
    EXPECT_TRUE(exists(server.directory() / "data"));
}

// Goal: a process that is killed takes its server with it, directory included.
// Method: a child makes a server, tells its directory and pid through a file, and is killed -9.
TEST(PrivatePostgres, DiesWithAProcessThatIsKilled) {
    const test::temp_directory notes;
    const auto note = notes.path() / "note";
    const pid_t child = fork();
    if (child == 0) {
        private_postgres server({.settings = {"fsync = off"}});
        std::ofstream(note) << server.pid() << ' ' << server.directory().string() << std::endl;
        for (;;) pause();
    }
    ASSERT_TRUE(eventually([&] { return test::content_of(note).ends_with('\n'); }));
    pid_t pid = 0;
    std::string directory;
    std::ifstream(note) >> pid >> directory;
    ASSERT_TRUE(alive(pid));

    ::kill(child, SIGKILL);
    ASSERT_EQ(waitpid(child, nullptr, 0), child);

    EXPECT_TRUE(eventually([&] { return !alive(pid); }));
    EXPECT_TRUE(eventually([&] { return !std::filesystem::exists(directory); }));
}

}  // namespace
}  // namespace onceward::dev
