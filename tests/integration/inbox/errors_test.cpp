#include <atomic>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

TEST(InboxErrors, RetryATransientErrorUntilItSucceeds) {
    world w;
    w.produce_values(3);
    std::atomic<int> tries{0};
    std::atomic<int> last_attempt{0};

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        write_ledger(c, m);
        last_attempt = m.attempt;
        if (*m.payload == "2" && ++tries < 6) throw transient_error("not yet");
    });

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 3; })) << i.log();
    EXPECT_EQ(w.ledger(), "1,2,3");
    EXPECT_GE(i.counts().retries, 5U);
}

TEST(InboxErrors, APartitionThatWaitsHoldsNoOtherUp) {
    world w(2);
    auto o = w.options();
    o.workers = 1;
    w.produce_values(1, 1, 0);
    w.produce_values(50, 1, 1);

    running_inbox i(o, [&](handler_context& c, const message& m) {
        if (m.partition == 0) throw transient_error("never");
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 50 && i.counts().retries > 5; }))
        << i.log();
}

TEST(InboxErrors, APermanentOneStopsItsPartitionBehindAllThatIsBeforeIt) {
    world w(2);
    w.produce_values(20, 1, 0);
    w.produce_values(20, 1, 1);

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        write_ledger(c, m);
        if (m.partition == 0 && *m.payload == "8") throw permanent_error("eight is refused");
    });

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 27; })) << i.log();
    EXPECT_TRUE(eventually([&] {
        return w.value("SELECT state FROM onceward.inbox_position WHERE partition = 0") ==
               "stopped";
    }));
    EXPECT_EQ(w.value("SELECT max(v) FROM ledger WHERE part = 0"), "7");
    EXPECT_EQ(w.value("SELECT max(next_off) FROM onceward.inbox_progress WHERE partition = 0"),
              "7");
    EXPECT_NE(w.value("SELECT reason FROM onceward.inbox_position WHERE partition = 0")
                  .find("eight is refused"),
              std::string::npos);
    EXPECT_EQ(w.value("SELECT state FROM onceward.inbox_position WHERE partition = 1"), "running");
    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1U; }));
    EXPECT_TRUE(i.logged("orders[0] has STOPPED at offset 7"));
}

TEST(InboxErrors, TheNextStartTriesAStoppedPartitionAgain) {
    world w;
    w.produce_values(5);
    {
        running_inbox refuses(w.options(), [](handler_context& c, const message& m) {
            if (*m.payload == "3") throw permanent_error("no");
            write_ledger(c, m);
        });
        EXPECT_TRUE(eventually([&] { return refuses.counts().stopped_partitions == 1; }));
    }

    running_inbox accepts(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4,5"; })) << accepts.log();
    EXPECT_EQ(w.value("SELECT state || coalesce(reason, '') FROM onceward.inbox_position"),
              "running");
}

TEST(InboxErrors, MessagesBeforeOneThatAlwaysFailsForNowAreApplied) {
    world w;
    w.produce_values(10);

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        if (*m.payload == "7") throw transient_error("for ever");
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4,5,6"; })) << i.log();
}

TEST(InboxErrors, AStatementThatTakesTooLongIsGivenUpAndRetried) {
    world w;
    w.produce_values(1);
    auto o = w.options();
    o.statement_timeout = std::chrono::milliseconds{300};
    std::atomic<int> tries{0};

    running_inbox i(o, [&](handler_context& c, const message& m) {
        if (++tries == 1) c.tx().exec("SELECT pg_sleep(30)");
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1"; })) << i.log();
    EXPECT_TRUE(i.logged("57014"));
}

TEST(InboxErrors, ASessionThatIsKilledIsMadeAnew) {
    world w;
    w.produce_values(3);
    std::atomic<int> tries{0};

    running_inbox i(w.options(), [&](handler_context& c, const message& m) {
        write_ledger(c, m);
        if (*m.payload == "2" && ++tries == 1)
            c.tx().exec("SELECT pg_terminate_backend(pg_backend_pid())");
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; })) << i.log();
}

TEST(InboxErrors, GoOnWhenTheDatabaseIsBack) {
    world w;
    w.produce_values(3);
    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 3; })) << i.log();

    w.allow_connections(false);
    w.produce_values(3, 4);
    EXPECT_TRUE(eventually([&] { return i.counts().retries >= 3; })) << i.log();
    w.allow_connections(true);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3,4,5,6"; })) << i.log();
    EXPECT_EQ(i.counts().stopped_partitions, 0U);
}

TEST(InboxErrors, ConstraintViolationsStopAndDeadlocksDoNot) {
    world w(2);
    w.value("CREATE TABLE account (name text PRIMARY KEY, n int)");
    w.value("INSERT INTO account VALUES ('a', 0), ('b', 0)");
    w.produce_values(20, 1, 0);
    w.produce_values(20, 1, 1);
    auto o = w.options();
    o.batch_max = 1;

    running_inbox i(o, [](handler_context& c, const message& m) {
        const bool up = m.partition == 0;
        c.tx().exec(std::string("UPDATE account SET n = n + 1 WHERE name = '") +
                    (up ? "a'" : "b'"));
        c.tx().exec(std::string("UPDATE account SET n = n + 1 WHERE name = '") +
                    (up ? "b'" : "a'"));
        if (*m.payload == "20" && up) c.tx().exec("INSERT INTO account VALUES ('a', 1)");
    });

    EXPECT_TRUE(eventually([&] {
        return i.counts().applied == 39 && i.counts().stopped_partitions == 1;
    })) << i.log();
    EXPECT_EQ(w.value("SELECT sum(n) FROM account"), "78");
}

TEST(InboxErrors, AMissingSchemaIsSaidAtTheStart) {
    world w;
    auto o = w.options();
    o.schema = "elsewhere";
    inbox i(o);
    i.on_other("orders", write_ledger);

    try {
        i.run({});
        FAIL() << "it runs without its tables";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string(e.what()).find("onceward migrate up"), std::string::npos) << e.what();
    }
}

TEST(InboxErrors, ASchemaThatHasLeftThisProgramBehindIsRefusedAtTheStart) {
    world w;
    const auto row = [&](int compatible_from) {
        w.value("DELETE FROM onceward.schema_version WHERE version = 999");
        w.value(
            "INSERT INTO onceward.schema_version (version, name, compatible_from, checksum) "
            "VALUES (999, 'future', " +
            std::to_string(compatible_from) + ", 'x')");
    };
    row(999);
    {
        running_inbox behind(w.options(), write_ledger);
        EXPECT_TRUE(eventually([&] { return behind.logged("built for version 999 or later"); }))
            << behind.log();
    }

    row(1);
    w.produce_values(1);
    const running_inbox still_served(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return still_served.counts().applied == 1; }))
        << still_served.log();
}

TEST(InboxErrors, ARoleWithTheInboxGrantsAloneCanConsume) {
    world w;
    w.value("CREATE ROLE only_inbox LOGIN IN ROLE onceward_inbox");
    w.value("GRANT INSERT ON ledger TO only_inbox");
    w.value("GRANT USAGE ON SEQUENCE ledger_n_seq TO only_inbox");
    auto o = w.options();
    o.database += " user=only_inbox";
    auto odd = raw_message::of(new_message_id(), 2);
    odd.headers.erase(odd.headers.begin());
    w.produce({raw_message::of(new_message_id(), 1), odd});

    running_inbox i(o, write_ledger);

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 1 && i.counts().quarantined == 1; }))
        << i.log();
    i.stop();
    w.value("DROP OWNED BY only_inbox");
    w.value("DROP ROLE only_inbox");
}

}  // namespace
}  // namespace onceward::test
