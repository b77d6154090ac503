#include <atomic>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

TEST(InboxTransaction, LeavesNothingOfAHandlerThatThrewAfterItsUpdate) {
    world w;
    w.produce_values(1);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        write_ledger(c, m);
        c.emit({.topic = "shipments",
                .key = "k",
                .type = "shipped",
                .payload = "1",
                .content_type = "text/plain"});
        throw permanent_error("no");
    });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.ledger_rows(), 0);
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox"), "0");
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_progress"), "0");
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.outbox"), "0");
}

TEST(InboxTransaction, CommitsEffectIdPositionAndEventsTogether) {
    world w;
    w.produce_values(3);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        write_ledger(c, m);
        c.emit({.topic = "shipments",
                .key = "k",
                .type = "shipped",
                .payload = *m.payload,
                .content_type = "text/plain"});
    });

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 3; })) << i.log();
    EXPECT_EQ(
        w.value(
            "SELECT count(*) FROM (SELECT xmin FROM ledger UNION SELECT xmin FROM onceward.inbox "
            "UNION SELECT xmin FROM onceward.inbox_progress UNION SELECT xmin FROM "
            "onceward.outbox) t"),
        w.value("SELECT count(*) FROM onceward.inbox_progress"));
    EXPECT_EQ(w.value("SELECT string_agg(convert_from(payload, 'UTF8'), ',' ORDER BY seq) FROM "
                      "onceward.outbox"),
              "1,2,3");
}

TEST(InboxTransaction, NamesTheCauseOfAnEmittedEvent) {
    world w;
    const auto first = new_message_id();
    const auto second = new_message_id();
    auto in_conversation = raw_message::of(second, 2);
    in_conversation.headers.push_back({"onceward-correlation-id", "talk-7"});
    in_conversation.headers.push_back(
        {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"});
    w.produce({raw_message::of(first, 1), in_conversation});

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        c.emit({.topic = "shipments",
                .key = "k",
                .type = "shipped",
                .payload = *m.payload,
                .content_type = "text/plain"});
    });

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 2; })) << i.log();
    const auto header = [&](const std::string& payload, const std::string& name) {
        return w.value(
            "SELECT h->>1 FROM onceward.outbox, jsonb_array_elements(headers) h "
            "WHERE payload = '" +
            payload + "' AND h->>0 = '" + name + "'");
    };
    EXPECT_EQ(header("1", "onceward-causation-id"), first.to_string());
    EXPECT_EQ(header("1", "onceward-correlation-id"), first.to_string());
    EXPECT_EQ(header("2", "onceward-causation-id"), second.to_string());
    EXPECT_EQ(header("2", "onceward-correlation-id"), "talk-7");
    EXPECT_EQ(header("2", "traceparent"),
              "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
}

TEST(InboxTransaction, EmitRefusesWhatBreaksALimitAndAddsNothing) {
    world w;
    w.produce_values(1);
    std::atomic<bool> refused{false};

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        try {
            c.emit({.topic = "no such topic!",
                    .key = "k",
                    .type = "shipped",
                    .payload = "1",
                    .content_type = "text/plain"});
        } catch (const limit_exceeded&) {
            refused = true;
        }
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 1; })) << i.log();
    EXPECT_TRUE(refused);
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.outbox"), "0");
}

// Goal: a handler that catches an SQL error and goes on commits nothing, in whichever way it goes
// on. Method: libpqxx 6 rolls a pqxx::work back at a failed exec and then runs exec_params outside
// of any transaction; the inbox's transaction must not.
TEST(InboxTransaction, DoesNotCommitAHandlerThatSwallowedAnSqlError) {
    world w;
    w.produce_values(1);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        write_ledger(c, m);
        try {
            c.tx().exec("SELECT 1/0");
        } catch (const std::exception&) {
        }
        try {
            c.tx().exec_params("INSERT INTO ledger (v) VALUES ($1)", 77);
        } catch (const std::exception&) {
        }
    });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.ledger_rows(), 0);
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_progress"), "0");
    EXPECT_NE(w.value("SELECT reason FROM onceward.inbox_position").find("went on after"),
              std::string::npos);
}

TEST(InboxTransaction, StopsBehindAHandlerThatEndsIt) {
    world w;
    w.produce_values(1);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        c.tx().exec("COMMIT");
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_progress"), "0");
    EXPECT_NE(
        w.value("SELECT reason FROM onceward.inbox_position").find("ended the inbox's transaction"),
        std::string::npos);
}

TEST(InboxTransaction, LetsAHandlerRecoverThroughASavepoint) {
    world w;
    w.produce_values(2);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        c.tx().exec("SAVEPOINT mine");
        try {
            c.tx().exec("SELECT 1/0");
        } catch (const std::exception&) {
            c.tx().exec("ROLLBACK TO mine");
        }
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2"; })) << i.log();
}

TEST(InboxTransaction, IsolatesAConstraintThatFailsOnlyAtCommit) {
    world w;
    w.value("CREATE TABLE parent (v int PRIMARY KEY)");
    w.value("INSERT INTO parent SELECT generate_series(1, 4)");
    w.value("CREATE TABLE child (v int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)");
    w.produce_values(6);

    running_inbox i(w.options(), [](handler_context& c, const message& m) {
        c.tx().exec("INSERT INTO child VALUES (" + *m.payload + ")");
    });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT string_agg(v::text, ',' ORDER BY v) FROM child"), "1,2,3,4");
}

}  // namespace
}  // namespace onceward::test
