#include <gtest/gtest.h>

#include "support/eventually.hpp"
#include "world.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

TEST(InboxQuarantine, KeepsWhatItCannotJudgeAndNeverFails) {
    world w;
    auto without_id = raw_message::of(new_message_id(), 90);
    without_id.headers.erase(without_id.headers.begin());
    auto version_4 = raw_message::of(new_message_id(), 91);
    version_4.headers[0].value = "2f1acc6b-7d4c-4a0f-9d6f-0a8b8b6a4a11";
    auto bytes = raw_message::of(new_message_id(), 92);
    bytes.headers[0].value = std::string("\0\xff'", 3);
    bytes.headers.push_back({std::string("\xfe"), std::string("\0\xfd", 2)});
    bytes.headers[1].value = std::string("ty\xffpe");
    bytes.payload = std::string("\0\xfc", 2);
    bytes.key = std::nullopt;
    w.produce({raw_message::of(new_message_id(), 1), without_id, version_4, bytes,
               raw_message::of(id_with_skew(-9 * 24h), 93),
               raw_message::of(id_with_skew(10 * 24h), 94),
               raw_message::of(id_with_skew(24h * 365 * 5000), 95),
               raw_message::of(new_message_id(), 2)});

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2"; })) << i.log();
    EXPECT_TRUE(eventually([&] { return i.counts().quarantined == 6U; }));
    EXPECT_EQ(i.counts().retries, 0U) << i.log();
    EXPECT_EQ(w.value("SELECT count(*) FROM onceward.inbox_dead WHERE reason <> ''"), "6");
    EXPECT_EQ(w.value("SELECT encode(payload, 'hex') FROM onceward.inbox_dead WHERE off = 3"),
              "00fc");
    EXPECT_EQ(w.value("SELECT max(next_off) FROM onceward.inbox_progress"), "8");
}

TEST(InboxQuarantine, AppliesIdsThatAreSkewedWithinTheWindow) {
    world w;
    w.produce(
        {raw_message::of(id_with_skew(-6 * 24h), 1), raw_message::of(id_with_skew(6 * 24h), 2)});

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1,2"; })) << i.log();
}

TEST(InboxQuarantine, ALongerWindowTakesOlderIds) {
    world w;
    w.produce({raw_message::of(id_with_skew(-25 * 24h), 1)});
    auto o = w.options();
    o.window_days = 30;

    running_inbox i(o, write_ledger);

    EXPECT_TRUE(eventually([&] { return w.ledger() == "1"; })) << i.log();
}

TEST(InboxQuarantine, OneIdForTwoPayloadsIsAProducersBug) {
    world w;
    const auto id = new_message_id();
    w.produce({raw_message::of(id, 1), raw_message::of(id, 2), raw_message::of(id, 1)});
    running_inbox i(w.options(), write_ledger);
    EXPECT_TRUE(eventually([&] {
        return i.counts().duplicates == 1 && i.counts().quarantined == 1;
    })) << i.log();

    w.produce({raw_message::of(id, 3)});

    EXPECT_TRUE(eventually([&] { return i.counts().quarantined == 2; })) << i.log();
    EXPECT_EQ(w.ledger(), "1");
    EXPECT_EQ(w.value("SELECT string_agg(convert_from(payload, 'UTF8'), ',' ORDER BY off) FROM "
                      "onceward.inbox_dead"),
              "2,3");
}

TEST(InboxQuarantine, DoesNotOverwriteAnotherMessageThatIsKeptAtItsPlace) {
    world w;
    w.value(
        "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, id, payload, reason) "
        "VALUES ('shipping', 'orders', 0, 0, 'x', 'of a topic that was deleted', 'old')");
    auto without_id = raw_message::of(new_message_id(), 1);
    without_id.headers.clear();
    w.produce({without_id});

    running_inbox i(w.options(), write_ledger);

    EXPECT_TRUE(eventually([&] { return i.counts().stopped_partitions == 1; })) << i.log();
    EXPECT_EQ(w.value("SELECT reason FROM onceward.inbox_dead"), "old");
}

}  // namespace
}  // namespace onceward::test
