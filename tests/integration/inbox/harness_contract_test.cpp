// What users' tests see of the harness is what the inbox does: the same messages and handlers, once
// through Kafka and the inbox, once through the harness on a database of its own.

#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "core/header_codec.hpp"
#include "onceward/testing/handler_harness.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using testing::outcome;

/// All that may be compared; the ids of emitted events are new each time.
struct seen {
    std::string ledger;
    std::map<std::string, int> counts;  ///< Of messages, by what became of them.
    std::string reasons;                ///< Of those that were not applied, in order.
    std::string events;                 ///< Topic, key, type and headers of each.

    friend bool operator==(const seen&, const seen&) = default;
    friend void PrintTo(const seen& s, std::ostream* out) {
        *out << "ledger " << s.ledger << "\nreasons " << s.reasons << "\nevents " << s.events
             << "\n";
        for (const auto& [what, n] : s.counts) *out << what << " " << n << "\n";
    }
};

struct scenario {
    const char* name;
    friend void PrintTo(const scenario& s, std::ostream* out) { *out << s.name; }
    std::vector<raw_message> messages;
    std::function<handler()> make_handler;
    bool stops = false;
};

seen through_the_inbox(const scenario& s) {
    world w;
    w.value("CREATE TABLE taken (v int PRIMARY KEY)");
    w.produce(s.messages);
    auto o = w.options();
    o.on_permanent = on_permanent_error::dead_letter;
    running_inbox i(o, s.make_handler());
    const auto all = std::to_string(s.messages.size());
    EXPECT_TRUE(eventually([&] {
        if (s.stops) return i.counts().stopped_partitions == 1;
        return w.value("SELECT max(next_off) FROM onceward.inbox_progress") == all;
    })) << i.log();
    i.stop();
    const auto c = i.counts();
    seen out{
        .ledger = w.ledger(),
        .counts = {{"applied", static_cast<int>(c.applied)},
                   {"duplicate", static_cast<int>(c.duplicates)},
                   {"quarantined", static_cast<int>(c.quarantined)},
                   {"refused", static_cast<int>(c.dead_lettered)},
                   {"stopped", static_cast<int>(c.stopped_partitions)}},
        .reasons = w.value("SELECT string_agg(reason || coalesce(' ' || sqlstate, ''), E'\n' ORDER "
                           "BY off) FROM (SELECT off, reason, "
                           "sqlstate FROM onceward.inbox_dead UNION ALL SELECT 99, reason, NULL "
                           "FROM onceward.inbox_position "
                           "WHERE state = 'stopped') r"),
        .events = w.value(
            "SELECT string_agg(topic || ' ' || convert_from(key, 'UTF8') || ' ' || type || ' ' || "
            "headers::text, E'\n' ORDER BY seq) FROM onceward.outbox")};
    std::erase_if(out.counts, [](const auto& n) { return n.second == 0; });
    return out;
}

message as_message(const raw_message& raw) {
    message m{.topic = "orders", .key = raw.key, .payload = raw.payload, .headers = raw.headers};
    for (const auto& h : raw.headers) {
        if (h.name == "id") m.id = message_id::parse(h.value).value();
        if (h.name == "type") m.type = h.value;
    }
    return m;
}

const char* word(outcome o) {
    switch (o) {
        case outcome::applied:
            return "applied";
        case outcome::duplicate:
            return "duplicate";
        case outcome::quarantined:
            return "quarantined";
        case outcome::retried:
            return "retried";
        case outcome::refused:
            return "refused";
        case outcome::stopped:
            return "stopped";
    }
    return "?";
}

seen through_the_harness(const scenario& s) {
    pqxx::connection database(migrated_database());
    testing::handler_harness inbox(database, {.outbox = outbox_options{}});
    inbox.on_other("orders", s.make_handler());
    auto& tx = inbox.tx();
    tx.exec("CREATE TABLE ledger (n bigserial, id uuid, part int, v int)");
    tx.exec("CREATE TABLE taken (v int PRIMARY KEY)");
    seen out;
    for (const auto& raw : s.messages) {
        auto d = inbox.deliver(as_message(raw));
        while (d.what == outcome::retried) d = inbox.deliver(as_message(raw));
        ++out.counts[word(d.what)];
        if (!d.reason.empty()) {
            out.reasons +=
                (out.reasons.empty() ? "" : "\n") + d.reason +
                (d.sqlstate.empty() || d.what == outcome::stopped ? "" : " " + d.sqlstate);
        }
        if (d.what == outcome::stopped) break;
    }
    const auto text = [&](const char* sql) { return std::string(tx.exec(sql)[0][0].c_str()); };
    out.ledger = text("SELECT string_agg(v::text, ',' ORDER BY n) FROM ledger");
    out.events = text(
        "SELECT string_agg(topic || ' ' || convert_from(key, 'UTF8') || ' ' || type || ' ' || "
        "headers::text, E'\n' "
        "ORDER BY seq) FROM onceward.outbox");
    return out;
}

handler plain() {
    return write_ledger;
}

std::vector<raw_message> values(int count) {
    std::vector<raw_message> all;
    for (int i = 1; i <= count; ++i) all.push_back(raw_message::of(new_message_id(), i));
    return all;
}

raw_message with_header(raw_message m, const std::string& name, const std::string& value) {
    m.headers.push_back({name, value});
    return m;
}

std::vector<scenario> scenarios() {
    const auto twice = raw_message::of(new_message_id(), 1);
    auto other_payload = twice;
    other_payload.payload = "5";
    return {
        {"PlainMessages", values(3), plain},
        {"ADuplicate", {twice, twice}, plain},
        {"OneIdForTwoPayloads", {twice, other_payload}, plain},
        {"AnOldId", {raw_message::of(id_with_skew(std::chrono::hours{-24 * 9}), 1)}, plain},
        {"APermanentError", values(4),
         [] {
             return [](handler_context& c, const message& m) {
                 write_ledger(c, m);
                 if (*m.payload == "2") throw permanent_error("two is refused");
             };
         }},
        {"AnUnknownException", values(3),
         [] {
             return [](handler_context& c, const message& m) {
                 write_ledger(c, m);
                 if (*m.payload == "2") throw std::out_of_range("a bug");
             };
         }},
        {"AStatementThatFails", values(3),
         [] {
             return [](handler_context& c, const message& m) {
                 write_ledger(c, m);
                 c.tx().exec("INSERT INTO taken VALUES (" +
                             std::to_string(std::stoi(*m.payload) / 2) + ")");
             };
         }},
        {"ATransientError", values(3),
         [] {
             return [tries = std::make_shared<int>(0)](handler_context& c, const message& m) {
                 write_ledger(c, m);
                 if (*m.payload == "2" && ++*tries < 3) throw transient_error("later");
             };
         }},
        {"EventsThatCarryTheConversationOn",
         {raw_message::of(new_message_id(), 1),
          with_header(
              with_header(raw_message::of(new_message_id(), 2), "onceward-correlation-id", "talk"),
              "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")},
         [] {
             return [](handler_context& c, const message& m) {
                 c.emit({.topic = "shipped",
                         .key = "k",
                         .type = "shipped",
                         .payload = {},
                         .content_type = {},
                         .headers = {{"of", *m.payload}}});
             };
         }},
        {"AnEventThatBreaksALimit", values(2),
         [] {
             return [](handler_context& c, const message& m) {
                 write_ledger(c, m);
                 c.emit({.topic = "shipped",
                         .key = std::string(2'000, 'k'),
                         .type = "shipped",
                         .payload = {},
                         .content_type = {}});
             };
         }},
        {"AMissingTable", values(2),
         [] {
             return [](handler_context& c, const message&) {
                 c.tx().exec("INSERT INTO nowhere VALUES (1)");
             };
         },
         true},
    };
}

class HarnessContract : public ::testing::TestWithParam<scenario> {};

TEST_P(HarnessContract, IsWhatTheInboxDoes) {
    const auto real = through_the_inbox(GetParam());
    const auto fake = through_the_harness(GetParam());

    EXPECT_EQ(fake, real);
}

INSTANTIATE_TEST_SUITE_P(, HarnessContract, ::testing::ValuesIn(scenarios()),
                         [](const auto& of) { return of.param.name; });

}  // namespace
}  // namespace onceward::test
