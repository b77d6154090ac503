#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "support/test_database.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

inbox_options with_window(const world& w, int window_days) {
    auto o = w.options();
    o.window_days = window_days;
    return o;
}

/// Lets two days pass since a process with the stored window was there.
void forget_old_window(world& w) {
    w.value("UPDATE onceward.inbox_consumer SET window_seen_at = now() - interval '3 days'");
}

/// How many days before today the oldest day partition is.
std::string oldest_day(world& w, const std::string& parent = "inbox") {
    return w.value("SELECT (now() AT TIME ZONE 'UTC')::date - min(day) FROM onceward.inbox_days('" +
                   parent + "')");
}

/// Applies `messages`, then stops.
void apply_all(world& w, const inbox_options& o, const std::vector<raw_message>& messages) {
    const auto before = w.ledger_rows();
    w.produce(messages);
    running_inbox i(o, write_ledger);
    EXPECT_TRUE(eventually([&] {
        return w.ledger_rows() == before + static_cast<std::int64_t>(messages.size());
    })) << i.log();
}

TEST(InboxDays, AreDroppedWhenTheWindowHasPassedThem) {
    world w;
    apply_all(
        w, with_window(w, 30),
        {raw_message::of(id_with_skew(-20 * days{1}), 1), raw_message::of(new_message_id(), 2)});
    EXPECT_EQ(oldest_day(w), "31");
    forget_old_window(w);

    running_inbox i(with_window(w, 7), write_ledger);

    EXPECT_TRUE(eventually([&] { return oldest_day(w) == "8"; })) << i.log();
    EXPECT_EQ(w.value("SELECT (now() AT TIME ZONE 'UTC')::date - ids_since FROM "
                      "onceward.inbox_consumer"),
              "8");
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox"), "1");
}

TEST(InboxDays, AreKeptForTheConsumerWithTheLongestWindow) {
    world w;
    apply_all(w, with_window(w, 30), {raw_message::of(new_message_id(), 1)});
    w.value("SELECT onceward.inbox_keep_days('billing', 20)");
    forget_old_window(w);

    running_inbox i(with_window(w, 7), write_ledger);

    EXPECT_TRUE(eventually([&] { return oldest_day(w) == "21"; })) << i.log();
}

TEST(InboxDays, AreNotKeptForAConsumerThatIsGoneForLongerThanItsWindow) {
    world w;
    w.value("SELECT onceward.inbox_keep_days('billing', 20)");
    w.value("UPDATE onceward.inbox_consumer SET seen_at = now() - interval '22 days'");

    running_inbox i(with_window(w, 7), write_ledger);

    EXPECT_TRUE(eventually([&] { return oldest_day(w) == "8"; })) << i.log();
}

TEST(InboxDays, ASmallerWindowWaitsForProcessesWithTheLargerOne) {
    world w;
    w.value("SELECT onceward.inbox_keep_days('shipping', 20)");
    w.value("SELECT onceward.inbox_keep_days('shipping', 7)");
    EXPECT_EQ(w.value("SELECT window_days FROM onceward.inbox_consumer"), "20");

    forget_old_window(w);
    w.value("SELECT onceward.inbox_keep_days('shipping', 7)");

    EXPECT_EQ(w.value("SELECT window_days FROM onceward.inbox_consumer"), "7");
}

// A window that is made larger reaches back to days that are gone: what is unknown there is not
// new.
TEST(InboxDays, AWiderWindowDoesNotApplyAgainWhatWasForgotten) {
    world w;
    const auto old = raw_message::of(id_with_skew(-20 * days{1}), 1);
    apply_all(w, with_window(w, 30), {old});
    forget_old_window(w);
    {
        running_inbox narrow(with_window(w, 7), write_ledger);
        ASSERT_TRUE(eventually([&] { return oldest_day(w) == "8"; })) << narrow.log();
    }

    w.produce({old});
    running_inbox wide(with_window(w, 30), write_ledger);

    EXPECT_TRUE(eventually([&] { return wide.counts().quarantined == 1; })) << wide.log();
    EXPECT_EQ(w.ledger(), "1");
}

/// A partition that has applied three messages, three days ago, and nothing since.
void make_idle(world& w) {
    apply_all(w, w.options(),
              {raw_message::of(new_message_id(), 1), raw_message::of(new_message_id(), 2),
               raw_message::of(new_message_id(), 3)});
    w.value(
        "DO $$ DECLARE d date := (now() AT TIME ZONE 'UTC')::date - 3; BEGIN"
        " EXECUTE format('CREATE TABLE onceward.%I PARTITION OF onceward.inbox_progress"
        "   FOR VALUES FROM (%L) TO (%L)', 'inbox_progress_' || to_char(d, 'YYYYMMDD'), d, d + 1);"
        " UPDATE onceward.inbox_progress SET day = d; END $$");
}

std::string stored_position(world& w) {
    return w.value(
        "SELECT greatest(p.next_off, max(g.next_off)) FROM onceward.inbox_position p LEFT JOIN "
        "onceward.inbox_progress g ON g.epoch = p.epoch GROUP BY p.next_off");
}

TEST(InboxDays, ThePositionOfAnIdlePartitionOutlivesItsProgress) {
    world w;
    make_idle(w);
    ASSERT_EQ(stored_position(w), "3");

    EXPECT_EQ(w.value("SELECT outcome FROM onceward.inbox_drop_day('inbox_progress')"), "dropped");
    EXPECT_EQ(oldest_day(w, "inbox_progress"), "1");
    EXPECT_EQ(stored_position(w), "3");

    w.produce_values(1, 4);
    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4"; })) << i.log();
    EXPECT_EQ(i.counts().duplicates, 0U);
}

// The check above is one: without the fold it would fail.
TEST(InboxDays, WithoutTheFoldThePositionGoesBack) {
    world w;
    make_idle(w);
    w.value(
        "CREATE OR REPLACE FUNCTION onceward.inbox_fold_progress(p_before date) RETURNS void "
        "LANGUAGE sql AS ''");

    w.value("SELECT onceward.inbox_drop_day('inbox_progress')");

    EXPECT_EQ(stored_position(w), "0");
}

// Goal: dropping days holds nobody up while a transaction that has read them stays open.
// Method: it does, so that no day can be dropped; others write meanwhile, and would rather fail
// than wait for a second. A DROP without a bound would make them fail.
TEST(InboxDays, NobodyWaitsForADropThatWaitsForAReader) {
    world w;
    w.value("SELECT onceward.inbox_make_days((now() - interval '20 days')::date, now()::date)");
    w.value("SELECT onceward.inbox_keep_days('shipping', 7)");
    auto reader = connect(w.database);
    value_of(reader, "BEGIN");
    value_of(reader, "SELECT count(*) FROM onceward.inbox");
    std::atomic<bool> stop{false};
    std::atomic<int> busy{0};
    std::jthread dropping([&] {
        auto c = connect(w.database);
        while (!stop) {
            if (value_of(c, "SELECT outcome FROM onceward.inbox_drop_day('inbox')") == "busy")
                ++busy;
        }
    });

    auto writer = connect(w.database);
    value_of(writer, "SET lock_timeout = '1s'");
    int written = 0;
    EXPECT_TRUE(eventually([&] {
        value_of(writer,
                 "INSERT INTO onceward.inbox (consumer, day, id, bucket, payload_hash) VALUES "
                 "('c', (now() AT TIME ZONE 'UTC')::date, gen_random_uuid(), 1, 1)");
        return ++written >= 20 && busy >= 20;
    }));
    stop = true;
    dropping.join();

    value_of(reader, "COMMIT");
    EXPECT_EQ(w.value("SELECT outcome FROM onceward.inbox_drop_day('inbox')"), "dropped");
}

TEST(InboxDays, LeaveNoDeadTuplesBehind) {
    world w;
    w.value("CREATE EXTENSION pgstattuple");
    std::vector<raw_message> messages;
    for (int i = 1; i <= 600; ++i) {
        messages.push_back(raw_message::of(id_with_skew(-days{i % 3 * 10}), i));
    }
    apply_all(w, with_window(w, 30), messages);
    forget_old_window(w);

    {
        running_inbox i(with_window(w, 7), write_ledger);
        ASSERT_TRUE(eventually([&] { return oldest_day(w) == "8"; })) << i.log();
    }

    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox"), "200");
    EXPECT_EQ(
        w.value("SELECT sum((pgstattuple(relid)).dead_tuple_count) FROM ("
                " SELECT relid FROM pg_partition_tree('onceward.inbox') WHERE isleaf UNION ALL"
                " SELECT relid FROM pg_partition_tree('onceward.inbox_progress') WHERE isleaf) t"),
        "0");
}

}  // namespace
}  // namespace onceward::test
