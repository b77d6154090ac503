#include <cstdlib>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "guarded_server.hpp"
#include "support/commit_proxy.hpp"
#include "support/test_database.hpp"

// What Guard.LooksUpWhatACommitInDoubtHasDone checks is tested here: with a planted bug it must
// fail. In a process of its own, since bugs are planted once, before the first look.

namespace onceward::test {
namespace {

/// One request whose COMMIT reaches the server and whose reply is lost. @return Effects beyond one.
int effects_too_many() {
    const auto database = migrated_database();
    auto db = connect(database);
    value_of(db, "CREATE TABLE effect (n int)");
    commit_proxy proxy(
        server().socket_directory() / (".s.PGSQL." + std::to_string(server().port())),
        "INSERT INTO effect");
    guarded_server s(
        database + " host=127.0.0.1 sslmode=disable port=" + std::to_string(proxy.port()),
        [](auto& tx, const auto&, auto&) { tx.exec("INSERT INTO effect VALUES (1)"); });
    proxy.cut_next_commit(commit_proxy::cut::after_the_server_has_it);
    if (s.post("a").status != 200 || proxy.cuts() != 1) return 100;
    return std::stoi(value_of(db, "SELECT count(*) FROM effect")) - 1;
}

[[noreturn]] void run_planted(const char* bug) {
    setenv("ONCEWARD_PLANT", bug, 1);
    std::exit(effects_too_many());
}

class GuardPlanted : public ::testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(GuardPlanted, AnAnswerThatIsStoredApartIsSeenAsASecondEffect) {
    EXPECT_EXIT(run_planted("answer-apart"), ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace onceward::test
