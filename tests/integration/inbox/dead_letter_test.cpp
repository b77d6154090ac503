#include <atomic>

#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

inbox_options with_dead_letters(const world& w) {
    auto o = w.options();
    o.on_permanent = on_permanent_error::dead_letter;
    return o;
}

/// Refuses every seventh value, after it has written it.
void refuse_sevens(handler_context& c, const message& m) {
    write_ledger(c, m);
    if (std::stoi(m.payload.value()) % 7 == 0) throw permanent_error("no sevens here");
}

std::string dead(world& w, const std::string& what, const std::string& of = "true") {
    return w.value("SELECT string_agg((" + what + ")::text, ',' ORDER BY off) FROM " +
                   "onceward.inbox_dead WHERE " + of);
}

/// A person decides that all dead letters are to be applied.
void redrive(world& w, const std::string& options = "") {
    w.value("SELECT onceward.inbox_dead_redrive(number" + options + ") FROM onceward.inbox_dead");
}

TEST(InboxDeadLetter, IsTheMessageAtFaultAloneAndTheOthersKeepTheirOrder) {
    world w;
    const auto ids = w.produce_values(20);

    running_inbox i(with_dead_letters(w), refuse_sevens);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 18; })) << i.log();
    EXPECT_EQ(w.ledger(), "1,2,3,4,5,6,8,9,10,11,12,13,15,16,17,18,19,20");
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 2; }));
    EXPECT_EQ(dead(w, "convert_from(payload, 'UTF8')"), "7,14");
    EXPECT_EQ(dead(w, "kind || ' ' || state"), "refused dead,refused dead");
    EXPECT_EQ(dead(w, "id", "off = 6"), ids[6].to_string());
    EXPECT_NE(dead(w, "reason", "off = 6").find("no sevens here"), std::string::npos);
    EXPECT_EQ(dead(w, "attempts", "off = 6"), "1");
    EXPECT_EQ(i.counts().stopped_partitions, 0U);
    EXPECT_FALSE(i.logged("payload"));
}

TEST(InboxDeadLetter, TellsTheSqlstateOfAStatementThatFailed) {
    world w;
    w.value("CREATE TABLE once (v int PRIMARY KEY)");
    w.value("INSERT INTO once VALUES (2)");
    w.produce_values(3);

    running_inbox i(with_dead_letters(w), [](handler_context& c, const message& m) {
        c.tx().exec("INSERT INTO once VALUES (" + m.payload.value() + ")");
    });

    EXPECT_TRUE(eventually([&] { return i.counts().applied == 2; })) << i.log();
    EXPECT_EQ(dead(w, "sqlstate"), "23505");
    EXPECT_FALSE(i.logged("(2)")) << "the log quotes a value";
}

TEST(InboxDeadLetter, ItsIdCountsAsSeen) {
    world w;
    const auto seven = raw_message::of(new_message_id(), 7);
    w.produce({seven, raw_message::of(new_message_id(), 8)});
    running_inbox i(with_dead_letters(w), refuse_sevens);
    EXPECT_TRUE(eventually([&] { return w.ledger() == "8"; })) << i.log();

    w.produce({seven, raw_message::of(new_message_id(), 9)});

    EXPECT_TRUE(eventually([&] { return w.ledger() == "8,9"; })) << i.log();
    EXPECT_EQ(i.counts().duplicates, 1U);
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_dead"), "1");
}

TEST(InboxDeadLetter, IsNotMadeOfAMessageThatIsNotAtFault) {
    world w;
    w.produce_values(3);

    running_inbox i(with_dead_letters(w), [](handler_context& c, const message&) {
        c.tx().exec("INSERT INTO no_such_table VALUES (1)");
    });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_dead"), "0");
}

TEST(InboxDeadLetter, IsNotMadeOfAMessageThatOnlyHasToWait) {
    world w;
    w.produce_values(3);
    std::atomic<int> tries{0};

    running_inbox i(with_dead_letters(w), [&](handler_context& c, const message& m) {
        if (*m.payload == "2" && ++tries < 8) throw transient_error("later");
        write_ledger(c, m);
    });

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2,3"; })) << i.log();
    EXPECT_EQ(i.counts().dead_lettered, 0U);
}

TEST(InboxDeadLetter, StopsThePartitionWhenTooManyWait) {
    world w;
    w.produce_values(30);
    auto o = with_dead_letters(w);
    o.dead_letters_max = 3;

    running_inbox i(o, [](handler_context&, const message&) { throw permanent_error("no"); });

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_dead"), "3");
    EXPECT_NE(w.value("SELECT reason FROM onceward.inbox_position").find("dead_letters_max"),
              std::string::npos);
}

TEST(InboxRedrive, AppliesADeadLetterOnceWithItsContent) {
    world w;
    auto seven = raw_message::of(new_message_id(), 7);
    seven.headers.push_back({"note", std::string("\x01\xff", 2)});
    w.produce({seven});
    std::atomic<bool> mended{false};
    std::mutex mutex;
    message seen;
    running_inbox i(with_dead_letters(w), [&](handler_context& c, const message& m) {
        if (!mended) throw permanent_error("not yet mended");
        write_ledger(c, m);
        c.emit(
            {.topic = "shipped", .key = "k", .type = "shipped", .payload = {}, .content_type = {}});
        const std::lock_guard lock(mutex);
        seen = m;
    });
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 1; })) << i.log();

    mended = true;
    redrive(w);

    EXPECT_TRUE(eventually([&] { return i.counts().redriven == 1; })) << i.log();
    EXPECT_EQ(w.ledger(), "7");
    EXPECT_EQ(dead(w, "state"), "redriven");
    EXPECT_EQ(dead(w, "payload IS NULL AND headers IS NULL AND key IS NULL"), "true");
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.outbox"), "1");
    const std::lock_guard lock(mutex);
    EXPECT_EQ(seen.payload, "7");
    EXPECT_EQ(seen.key, "k");
    EXPECT_EQ(seen.headers, seven.headers);
    EXPECT_EQ(seen.id.to_string(), seven.headers[0].value);
    EXPECT_EQ(seen.attempt, 2);
    EXPECT_GT(seen.created_at.time_since_epoch().count(), 0);
}

TEST(InboxRedrive, ThatFailsAgainWaitsForAPersonAgain) {
    world w;
    w.produce_values(1, 7);
    running_inbox i(with_dead_letters(w), refuse_sevens);
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 1; })) << i.log();

    redrive(w);

    EXPECT_TRUE(eventually([&] { return dead(w, "attempts") == "2"; })) << i.log();
    EXPECT_EQ(dead(w, "state"), "dead");
    EXPECT_EQ(w.ledger(), "");
}

TEST(InboxRedrive, GoesOnBesideLiveTraffic) {
    world w;
    w.produce_values(60);
    std::atomic<bool> mended{false};
    running_inbox i(with_dead_letters(w), [&](handler_context& c, const message& m) {
        if (!mended && std::stoi(*m.payload) <= 20) throw permanent_error("not yet");
        write_ledger(c, m);
    });
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 20; })) << i.log();

    mended = true;
    redrive(w);
    w.produce_values(40, 61);

    EXPECT_TRUE(eventually([&] { return w.ledger_rows() == 100; })) << i.log();
    EXPECT_EQ(w.value("SELECT count(DISTINCT v) FROM ledger"), "100");
}

TEST(InboxRedrive, RetriesWhatOnlyHasToWait) {
    world w;
    w.produce_values(1, 7);
    std::atomic<int> tries{0};
    running_inbox i(with_dead_letters(w), [&](handler_context& c, const message& m) {
        if (++tries == 1) throw permanent_error("first");
        if (tries < 5) throw transient_error("later");
        write_ledger(c, m);
    });
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 1; })) << i.log();

    redrive(w);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "7"; })) << i.log();
}

TEST(InboxRedrive, AppliesAQuarantinedOneUnderANewId) {
    world w;
    const auto old = raw_message::of(id_with_skew(-9 * 24h), 1);
    w.produce({old});
    running_inbox i(with_dead_letters(w), write_ledger);
    EXPECT_TRUE(eventually([&] { return i.counts().quarantined == 1; })) << i.log();

    redrive(w, ", p_as_new => true");

    EXPECT_TRUE(eventually([&] { return i.counts().redriven == 1; })) << i.log();
    EXPECT_EQ(w.ledger(), "1");
    EXPECT_EQ(w.value("SELECT l.id = d.redrive_id AND l.id = i.id FROM ledger l, "
                      "onceward.inbox_dead d, onceward.inbox i"),
              "t");

    w.produce({old, raw_message::of(new_message_id(), 2)});
    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2"; })) << i.log();
    EXPECT_EQ(i.counts().quarantined, 2U);
}

TEST(InboxRedrive, IsDoneByARoleWithTheInboxGrantsAlone) {
    world w;
    w.value("CREATE ROLE only_redriver LOGIN IN ROLE onceward_inbox");
    w.value("GRANT INSERT ON ledger TO only_redriver");
    w.value("GRANT USAGE ON SEQUENCE ledger_n_seq TO only_redriver");
    w.produce_values(1, 7);
    auto o = with_dead_letters(w);
    o.database += " user=only_redriver";
    std::atomic<bool> mended{false};
    running_inbox i(o, [&](handler_context& c, const message& m) {
        if (!mended) throw permanent_error("not yet");
        write_ledger(c, m);
    });
    EXPECT_TRUE(eventually([&] { return i.counts().dead_lettered == 1; })) << i.log();

    mended = true;
    redrive(w);

    EXPECT_TRUE(eventually([&] { return i.counts().redriven == 1; })) << i.log();
    i.stop();
    w.value("DROP OWNED BY only_redriver");
    w.value("DROP ROLE only_redriver");
}

}  // namespace
}  // namespace onceward::test
