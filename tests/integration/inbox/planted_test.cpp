#include <cstdlib>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

// The checks themselves are tested: with a planted bug they must fail. Each runs in a process of
// its own, since bugs are planted once, before the first look.

namespace onceward::test {
namespace {

/// Applies three messages, two of them delivered again. @return What is wrong, 0 if nothing.
int repeats_applied() {
    world w;
    const auto one = raw_message::of(new_message_id(), 1);
    const auto two = raw_message::of(new_message_id(), 2);
    w.produce({one, two, one, two, raw_message::of(new_message_id(), 3)});
    const running_inbox i(w.options(), write_ledger);
    if (!eventually([&] { return w.value("SELECT count(*) FROM ledger WHERE v = 3") == "1"; }))
        return 100;
    return static_cast<int>(w.ledger_rows()) - 3;
}

/// A consumer that only fails, then one that works. @return How many messages were lost.
int lost_after_a_failure() {
    world w;
    w.produce_values(3);
    {
        running_inbox fails(w.options(), [](handler_context&, const message&) {
            throw transient_error("not now");
        });
        if (!eventually([&] { return fails.counts().retries >= 2; })) return 100;
    }
    w.produce_values(1, 4);
    const running_inbox works(w.options(), write_ledger);
    if (!eventually([&] { return w.value("SELECT count(*) FROM ledger WHERE v = 4") == "1"; }))
        return 100;
    return 4 - static_cast<int>(w.ledger_rows());
}

/// A consumer whose window has become smaller, and a message of four days ago that comes again.
/// @return How many times too often it was applied.
int repeats_after_days_were_dropped() {
    world w;
    const auto old = raw_message::of(id_with_skew(std::chrono::hours{-4 * 24}), 1);
    w.value("SELECT onceward.inbox_keep_days('shipping', 7)");
    w.produce({old});
    {
        const running_inbox first(w.options(), write_ledger);
        if (!eventually([&] { return w.ledger_rows() == 1; })) return 100;
    }
    w.value("UPDATE onceward.inbox_consumer SET window_seen_at = now() - interval '3 days'");
    w.produce({old, raw_message::of(new_message_id(), 2)});
    auto o = w.options();
    o.workers = 1;  // it looks after the days before it serves
    const running_inbox second(o, write_ledger);
    if (!eventually([&] { return w.value("SELECT count(*) FROM ledger WHERE v = 2") == "1"; }))
        return 100;
    return static_cast<int>(w.ledger_rows()) - 2;
}

[[noreturn]] void run_planted(const char* bug, int (*check)()) {
    setenv("ONCEWARD_PLANT", bug, 1);
    std::exit(check());
}

class InboxPlanted : public ::testing::Test {
protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(InboxPlanted, WithoutABugNothingIsDoubledOrLost) {
    EXPECT_EXIT(run_planted("", repeats_applied), ::testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run_planted("", lost_after_a_failure), ::testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run_planted("", repeats_after_days_were_dropped), ::testing::ExitedWithCode(0), "");
}

TEST_F(InboxPlanted, NoDedupIsSeenAsRepeatsInTheLedger) {
    EXPECT_EXIT(run_planted("no-dedup", repeats_applied), ::testing::ExitedWithCode(2), "");
}

TEST_F(InboxPlanted, EarlyAckIsSeenAsMissingInTheLedger) {
    EXPECT_EXIT(run_planted("early-ack", lost_after_a_failure), ::testing::ExitedWithCode(3), "");
}

TEST_F(InboxPlanted, ADayThatIsDroppedEarlyIsSeenAsARepeatInTheLedger) {
    EXPECT_EXIT(run_planted("early-drop", repeats_after_days_were_dropped),
                ::testing::ExitedWithCode(1), "");
}

}  // namespace
}  // namespace onceward::test
