#include "relay/core/wal_capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "make_events.hpp"
#include "scripted_reader.hpp"

namespace onceward::relay_core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A stream and a slot whose answers a test writes down beforehand.
class scripted_wal final : public wal_reader {
public:
    slot_state slot;            ///< Answer to `prepare`.
    std::deque<decoded> parts;  ///< Answers to `next`.
    std::uint64_t looked = 0;
    wal_mark coming;  ///< Answer to `mark`.
    bool due = false;
    bool whole = true;              ///< Answer to `intact`.
    std::optional<failure> broken;  ///< Answer to `next` behind the parts.

    std::vector<std::string> calls;

    result<slot_state> prepare(const snapshot&, std::uint64_t wal) override {
        calls.push_back("prepare " + std::to_string(wal));
        return slot;
    }
    result<done> start(std::uint64_t from) override {
        calls.push_back("start " + std::to_string(from));
        return done{};
    }
    result<std::optional<decoded>> next(arena&, bool) override {
        if (parts.empty() && broken) return *broken;
        if (parts.empty()) return std::optional<decoded>();
        decoded d = parts.front();
        parts.pop_front();
        return std::optional(d);
    }
    [[nodiscard]] std::uint64_t looked_at() const override { return looked; }
    [[nodiscard]] bool mark_is_due() const override { return due; }
    result<wal_mark> mark() override {
        calls.emplace_back("mark");
        return coming;
    }
    result<bool> intact() override { return whole; }
    void abandon(const std::string& why) override {
        calls.push_back("abandon: " + why);
        slot = {};
    }
    void confirm(std::uint64_t wal) override { calls.push_back("confirm " + std::to_string(wal)); }
    result<done> keep_alive() override {
        calls.emplace_back("keep_alive");
        return done{};
    }

    /// A committed transaction with one event, numbered as the transaction.
    void add(std::uint64_t xid, std::uint64_t end) {
        begin(xid);
        parts.emplace_back(decoded_commit{end});
    }
    void begin(std::uint64_t xid) {
        parts.emplace_back(decoded_begin{});
        row(xid, static_cast<std::int64_t>(xid));
    }
    void row(std::uint64_t xid, std::int64_t seq) {
        parts.emplace_back(decoded_row{.event = make_event(seq, memory), .xid = xid});
    }
    void add_mark(const std::string& name, std::uint64_t end) {
        parts.emplace_back(decoded_begin{});
        parts.emplace_back(decoded_mark{memory.keep(name)});
        parts.emplace_back(decoded_commit{end});
    }
    arena memory;
};

class WalCapture : public ::testing::Test {
protected:
    scripted_reader outbox;
    scripted_wal wal;
    bool streaming = false;
    std::unique_ptr<wal_capture> capture;

    void begin_at(const position& p,
                  piece_limits limits = {.events_max = 100, .bytes_max = 1'000'000}) {
        capture = std::make_unique<wal_capture>(
            outbox, wal, p, limits, [](const captured_event& e) { return e.seq != 999; },
            [this] { streaming = true; });
    }
    /// As after a lease's time that had streamed up to 50.
    void begin_streaming(const char* lo = "10:10:") {
        wal.slot = {.is = slot_state::kind::continuous, .from = 50};
        begin_at({.lo = lo, .hi = {}, .done_seq = 0, .wal = 50});
    }
    piece read() {
        auto p = capture->read();
        EXPECT_TRUE(p) << p.error().message;
        return p ? std::move(*p) : piece{};
    }
    static position at_wal(const char* lo, std::uint64_t wal) {
        return {.lo = lo, .hi = {}, .done_seq = 0, .wal = wal};
    }
};

TEST_F(WalCapture, ReadsTheTableWhileTheSlotIsBeingMade) {
    begin_at(at("10:10:"));
    outbox.windows.push_back(window_to("12:12:", {10, 11}));

    const auto p = read();

    EXPECT_THAT(seqs_of(p.events), ElementsAre(10, 11));
    EXPECT_EQ(p.end, at("12:12:"));
    EXPECT_FALSE(streaming);
    EXPECT_FALSE(capture->waits());
}

TEST_F(WalCapture, GoesOnInTheStreamWhereTheSlotHasTheRest) {
    begin_streaming();
    wal.add(10, 60);

    const auto p = read();

    EXPECT_TRUE(streaming);
    EXPECT_TRUE(capture->waits());
    EXPECT_THAT(wal.calls, ElementsAre("prepare 50", "start 50"));
    EXPECT_THAT(seqs_of(p.events), ElementsAre(10));
    EXPECT_EQ(p.end, at_wal("11:11:", 60));
}

// Goal: of a slot that was just made nothing is known but that it has what commits after it. So the
// table is read until everything has ended that may have committed before. Transaction 13 had
// written its commit record before the slot began, and became visible later.
TEST_F(WalCapture, ReadsTheTableUntilWhatIsOlderThanTheSlotHasEnded) {
    begin_at(at("10:10:"));
    wal.slot = {.is = slot_state::kind::fresh, .from = 70, .xids_below = 15};
    outbox.windows.push_back(window_to("13:16:13", {14}));
    outbox.windows.push_back(window_to("16:16:", {13}));
    wal.add(13, 65);  // a slot may also give what it need not
    wal.add(16, 80);

    EXPECT_THAT(seqs_of(read().events), ElementsAre(14));
    EXPECT_FALSE(streaming);
    EXPECT_THAT(seqs_of(read().events), ElementsAre(13));
    const auto streamed = read();

    EXPECT_TRUE(streaming);
    EXPECT_THAT(seqs_of(streamed.events), ElementsAre(16));
    EXPECT_EQ(streamed.end, at_wal("17:17:", 80));
}

TEST_F(WalCapture, SeesToItThatAnIdleOutboxIsDurableToGoOnInTheStream) {
    begin_at(at("10:10:"));
    wal.slot = {.is = slot_state::kind::fresh, .from = 70, .xids_below = 15};
    auto idle = window_to("15:15:");
    idle.durable = false;
    outbox.windows.push_back(idle);
    outbox.barriers.push_back(confirmation{.alive = true, .durable = true});
    outbox.windows.push_back(window_to("15:15:"));
    outbox.barriers.push_back(confirmation{.alive = true, .durable = true});

    read();
    read();
    EXPECT_EQ(read().end, at_wal("15:15:", 70));

    EXPECT_TRUE(streaming);
}

TEST_F(WalCapture, EndsALargeWindowOfTheTableBeforeItStreams) {
    begin_at({.lo = "10:10:", .hi = "13:13:", .done_seq = 10, .wal = 50}, {2, 1'000'000});
    wal.slot = {.is = slot_state::kind::continuous, .from = 50};
    outbox.runs[0] = {10, 11, 12, 13};
    wal.add(12, 55);
    wal.add(14, 60);

    EXPECT_THAT(seqs_of(read().events), ElementsAre(11, 12));
    EXPECT_THAT(seqs_of(read().events), ElementsAre(13));
    EXPECT_FALSE(streaming);

    EXPECT_THAT(seqs_of(read().events), ElementsAre(14)) << "12 was read from the table";
}

TEST_F(WalCapture, BringsOnlyEventsOfItsOwnShard) {
    begin_streaming();
    wal.add(10, 60);
    wal.add(999, 70);

    const auto p = read();

    EXPECT_THAT(seqs_of(p.events), ElementsAre(10));
    EXPECT_EQ(p.end.wal, 70U);
}

// A transaction that was decoded is seen by the position, one that nobody has named is not.
TEST_F(WalCapture, EndsAtASnapshotThatSeesExactlyWhatWasRead) {
    begin_streaming("10:15:12,13");
    wal.add(13, 60);
    wal.add(18, 70);
    wal.add(16, 80);

    EXPECT_EQ(read().end, at_wal("12:19:12,15,17", 80));
}

TEST_F(WalCapture, CutsALargeTransactionAndStaysBeforeItUntilItsEnd) {
    wal.slot = {.is = slot_state::kind::continuous, .from = 50};
    begin_at(at_wal("10:10:", 50), {2, 1'000'000});
    wal.begin(10);
    wal.row(10, 11);
    wal.row(10, 12);
    wal.parts.emplace_back(decoded_commit{60});

    const auto first = read();
    const auto second = read();

    EXPECT_THAT(seqs_of(first.events), ElementsAre(10, 11));
    EXPECT_EQ(first.end, at_wal("10:10:", 50));
    EXPECT_THAT(seqs_of(second.events), ElementsAre(12));
    EXPECT_EQ(second.end, at_wal("11:11:", 60));
}

TEST_F(WalCapture, StaysBeforeATransactionThatIsUnderWayWhateverTheServerHasLookedAt) {
    wal.slot = {.is = slot_state::kind::continuous, .from = 50};
    begin_at(at_wal("10:10:", 50));
    wal.begin(10);
    wal.looked = 90;

    EXPECT_EQ(read().end.wal, 50U);
}

TEST_F(WalCapture, MovesOnInTheWalWhereNothingComes) {
    begin_streaming();
    wal.looked = 90;

    const auto p = read();

    EXPECT_THAT(p.events, IsEmpty());
    EXPECT_EQ(p.end, at_wal("10:10:", 90));
}

TEST_F(WalCapture, TakesAMarksSnapshotForWhatEndedBeforeIt) {
    begin_streaming();
    wal.due = true;
    wal.coming = {.name = "secret", .ended = *snapshot::parse("30:30:")};
    wal.add(10, 60);
    wal.add(25, 70);
    EXPECT_EQ(read().end.lo, "11:26:11,12,13,14,15,16,17,18,19,20,21,22,23,24");
    wal.add_mark("secret", 80);

    EXPECT_EQ(read().end, at_wal("30:30:", 80));
}

// A decoded transaction need not be visible yet: its commit waits for a standby, say. It was read
// all the same, and whoever goes on from here must not read it again.
TEST_F(WalCapture, SeesWhatWasReadAlsoWhereAMarksSnapshotDoesNot) {
    begin_streaming();
    wal.due = true;
    wal.coming = {.name = "secret", .ended = *snapshot::parse("12:30:12")};
    wal.add(12, 60);
    wal.add(31, 70);
    read();
    wal.add_mark("secret", 80);

    EXPECT_EQ(read().end, at_wal("30:32:30", 80));
}

TEST_F(WalCapture, SeesNothingMoreByAMarkThatItDidNotWrite) {
    begin_streaming();
    wal.due = true;
    wal.coming = {.name = "secret", .ended = *snapshot::parse("30:30:")};
    wal.add(10, 60);
    read();
    wal.add_mark("guessed", 70);

    EXPECT_EQ(read().end, at_wal("11:11:", 70));
}

// While a backlog is read, marks stand behind all of it, and between its transactions there may be
// any number of others. Their names would not fit into the cursor; the place in the WAL does.
TEST_F(WalCapture, StaysAtAnOlderSnapshotWhereTooManyUnnamedOnesLieBetween) {
    begin_streaming();
    wal.add(10'000, 60);

    EXPECT_EQ(read().end, at_wal("10:10:", 60));
}

TEST_F(WalCapture, WritesNoMarkWhereNothingWasRead) {
    begin_streaming();
    wal.due = true;

    read();

    EXPECT_THAT(wal.calls, ElementsAre("prepare 50", "start 50"));
}

TEST_F(WalCapture, IsFencedWhenTheProofOfLifeIsGone) {
    begin_streaming();
    outbox.confirmations.push_back(confirmation{.alive = false, .durable = true});

    const auto p = capture->read();

    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().origin, "fenced");
}

// The WAL is streamed when it is flushed here, which is not yet there.
TEST_F(WalCapture, CommitsBeforeItHandsOnWhatSynchronousStandbysMayNotHave) {
    begin_streaming();
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = false});
    outbox.barriers.push_back(confirmation{.alive = true, .durable = true});
    wal.add(10, 60);

    EXPECT_THAT(seqs_of(read().events), ElementsAre(10));

    EXPECT_THAT(outbox.calls, ElementsAre("confirm 0/32", "barrier"));
}

TEST_F(WalCapture, ConfirmsWhatTheCursorRowSaysAndKeepsTheStreamAlive) {
    begin_streaming();
    read();
    wal.calls.clear();

    capture->stored(55);
    EXPECT_TRUE(capture->rest());

    EXPECT_THAT(wal.calls, ElementsAre("confirm 55", "keep_alive"));
}

TEST_F(WalCapture, KeepsThePlaceInTheWalWhileItReadsTheTable) {
    begin_at(at_wal("10:10:", 50));
    outbox.windows.push_back(window_to("12:12:", {10}));

    EXPECT_EQ(read().end, at_wal("12:12:", 50)) << "what was before it stays acknowledged";
}

// Whatever is wrong with the stream, the table has all events: what was read of the stream counts,
// the rest is read there, and the place in the WAL is forgotten.
TEST_F(WalCapture, GoesOnInTheTableWhereTheStreamWillNeverBringTheRest) {
    begin_streaming();
    wal.add(10, 60);
    wal.begin(12);
    wal.broken = failure{.next = verdict::fatal, .message = "garbage", .origin = "stream"};

    const auto last = read();
    outbox.windows.push_back(window_to("13:13:", {11, 12}));
    const auto next = read();

    EXPECT_THAT(seqs_of(last.events), ElementsAre(10, 12));
    EXPECT_EQ(last.end, at("11:11:"));
    EXPECT_THAT(seqs_of(next.events), ElementsAre(11, 12));
    EXPECT_EQ(next.end, at("13:13:"));
    EXPECT_THAT(wal.calls, ElementsAre("prepare 50", "start 50", "abandon: garbage", "prepare 0"));
    EXPECT_FALSE(capture->waits());
}

TEST_F(WalCapture, TrustsNoStreamWhosePublicationWasAltered) {
    begin_streaming();
    wal.whole = false;

    EXPECT_EQ(read().end, at("10:10:"));
    EXPECT_FALSE(capture->waits());
}

// The mark's snapshot sees transactions whose events were left out of the stream.
TEST_F(WalCapture, TakesNoMarkThatWasWrittenUnderAnAlteredPublication) {
    begin_streaming();
    wal.due = true;
    wal.coming = {.name = "secret", .ended = *snapshot::parse("30:30:"), .intact = false};
    wal.add(10, 60);

    EXPECT_EQ(read().end, at("11:11:"));
    EXPECT_FALSE(capture->waits());
}

TEST_F(WalCapture, StreamsAgainFromANewSlot) {
    begin_streaming();
    wal.whole = false;
    read();
    wal.whole = true;
    wal.slot = {.is = slot_state::kind::fresh, .from = 90, .xids_below = 12};
    outbox.windows.push_back(window_to("12:12:", {11}));
    wal.add(11, 95);
    wal.add(12, 99);

    EXPECT_THAT(seqs_of(read().events), ElementsAre(11));
    EXPECT_THAT(seqs_of(read().events), ElementsAre(12));
    EXPECT_TRUE(capture->waits());
}

}  // namespace
}  // namespace onceward::relay_core
