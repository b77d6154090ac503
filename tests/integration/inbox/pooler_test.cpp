// The inbox through PgBouncer in transaction mode, with fewer sessions of the server than clients.

#include "support/pooler.hpp"

#include <gtest/gtest.h>

#include "pg/conninfo.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

class InboxBehindAPooler : public testing::Test {
protected:
    inbox_options options() {
        auto o = w_.options();
        o.database = pooler_.through(w_.service);
        o.batch_max = 10;
        return o;
    }

    world w_{4};
    pooler pooler_{server(),
                   {.users = {pg::parse_conninfo(w_.service)->at("user")}, .pool_size = 1}};
};

// Goal: ids, effects and positions hold together across transactions that each run in another
// session. Method: everything is produced twice, the inbox is stopped in the middle and another
// takes over; both have more connections than the pooler has.
TEST_F(InboxBehindAPooler, AppliesEachMessageOnceAcrossARestart) {
    std::vector<raw_message> all;
    for (std::int32_t p = 0; p < 4; ++p) {
        for (int i = 1; i <= 100; ++i) all.push_back(raw_message::of(new_message_id(), i, p));
    }
    w_.produce(all);
    {
        running_inbox first(options(), write_ledger);
        EXPECT_TRUE(eventually([&] { return first.counts().applied >= 100; })) << first.log();
    }
    w_.produce(all);

    running_inbox second(options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return second.counts().duplicates >= 400; })) << second.log();
    EXPECT_EQ(w_.ledger_rows(), 400);
    EXPECT_EQ(w_.value(gaps_and_repeats), "0");
}

TEST_F(InboxBehindAPooler, GoesOnAfterTheServersSessionsWereEnded) {
    running_inbox i(options(), write_ledger);
    for (int round = 0; round < 3; ++round) {
        w_.produce_values(50, 1 + 50 * round);
        EXPECT_TRUE(eventually([&] { return w_.ledger_rows() >= 50 * round + 10; })) << i.log();
        w_.value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
            "current_database() AND pid <> pg_backend_pid()");
    }

    EXPECT_TRUE(eventually([&] { return w_.ledger_rows() == 150; })) << i.log();
    EXPECT_EQ(w_.value(gaps_and_repeats), "0");
}

}  // namespace
}  // namespace onceward::test
