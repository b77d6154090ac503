#include <gtest/gtest.h>

#include "support/commit_proxy.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

/// A world whose inbox reaches the database through a proxy that can cut a COMMIT.
struct doubtful_world : world {
    commit_proxy proxy{
        server().socket_directory() / (".s.PGSQL." + std::to_string(server().port())),
        "INSERT INTO onceward.inbox_progress"};

    [[nodiscard]] inbox_options through_proxy() const {
        auto o = options();
        o.database += " host=127.0.0.1 sslmode=disable port=" + std::to_string(proxy.port());
        return o;
    }
};

TEST(InboxInDoubt, ACommitWhoseAnswerWasLostIsNotDoneAgain) {
    doubtful_world w;
    w.produce_values(5);
    w.proxy.cut_next_commit(commit_proxy::cut::after_the_server_has_it);

    running_inbox i(w.through_proxy(), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.logged("had succeeded"); })) << i.log();
    w.produce_values(5, 6);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4,5,6,7,8,9,10"; }))
        << i.log() << w.ledger();
    EXPECT_EQ(i.counts().duplicates, 0U);
    EXPECT_TRUE(eventually([&] { return i.counts().applied == 10U; }));
    EXPECT_EQ(w.proxy.cuts(), 1);
}

TEST(InboxInDoubt, ACommitThatNeverArrivedIsDoneAgain) {
    doubtful_world w;
    w.produce_values(5);
    w.proxy.cut_next_commit(commit_proxy::cut::before_the_server_has_it);

    running_inbox i(w.through_proxy(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4,5"; })) << i.log();
    EXPECT_TRUE(eventually([&] { return i.counts().applied == 5; }));
    EXPECT_TRUE(i.logged("broke in COMMIT")) << i.log();
    EXPECT_FALSE(i.logged("had succeeded")) << i.log();
    EXPECT_EQ(w.proxy.cuts(), 1);
}

}  // namespace
}  // namespace onceward::test
