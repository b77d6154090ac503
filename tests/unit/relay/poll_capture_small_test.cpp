#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "make_events.hpp"
#include "relay/core/poll_capture.hpp"
#include "scripted_reader.hpp"

namespace onceward::relay_core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr piece_limits limits{.events_max = 100, .bytes_max = 1'000'000};

class PollCapture : public ::testing::Test {
protected:
    scripted_reader outbox;
    poll_capture capture{outbox, at("10:10:"), limits};

    piece read() {
        auto p = capture.read();
        EXPECT_TRUE(p);
        return p ? std::move(*p) : piece{};
    }
    failure failed_read() {
        auto p = capture.read();
        EXPECT_FALSE(p);
        return p ? failure{} : p.error();
    }
    void expect_fenced() {
        const auto f = failed_read();
        EXPECT_EQ(f.next, verdict::fatal);
        EXPECT_EQ(f.origin, "fenced");
    }
};

TEST_F(PollCapture, ReadsAWindowInOrderOfSequenceNumbers) {
    outbox.windows.push_back(window_to("20:20:", {7, 3, 5}));

    const auto p = read();

    EXPECT_THAT(seqs_of(p.events), ElementsAre(3, 5, 7));
    EXPECT_EQ(p.end, at("20:20:"));
    EXPECT_EQ(p.bytes, 3 * bare_bytes);
    EXPECT_EQ(p.memory.size(), 1U);
    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:"));
}

// The WAL engine has read 12, which is committed but not visible yet.
TEST(PollCaptureStart, ReadsNothingAgainThatTheOtherEngineHasRead) {
    scripted_reader outbox;
    poll_capture capture(outbox, at("11:14:11"), limits);
    outbox.windows.push_back(window_to("11:15:11,12", {14}));
    outbox.windows.push_back(window_to("11:15:11,12"));

    const auto p = capture.read();
    static_cast<void>(capture.read());

    ASSERT_TRUE(p);
    EXPECT_EQ(p->end, at("11:15:11"));
    EXPECT_THAT(outbox.calls, ElementsAre("open 11:14:11", "open 11:15:11"));
}

TEST_F(PollCapture, BeginsTheNextWindowWhereTheLastOneEnded) {
    outbox.windows.push_back(window_to("20:25:20,22", {1}));
    outbox.windows.push_back(window_to("30:30:", {2}));

    read();
    read();

    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "open 20:25:20,22"));
}

TEST_F(PollCapture, StaysWhereItIsWhenNothingHasHappened) {
    outbox.windows.push_back(window_to("10:10:"));

    const auto p = read();

    EXPECT_THAT(p.events, IsEmpty());
    EXPECT_EQ(p.end, at("10:10:"));
}

TEST_F(PollCapture, MovesOverAnEmptyWindowThatIsDurable) {
    outbox.windows.push_back(window_to("20:20:"));
    outbox.windows.push_back(window_to("20:20:"));

    EXPECT_EQ(read().end, at("20:20:"));
    read();

    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "open 20:20:"));
}

// A crash would give the transaction ids of an empty window to others, which would count as
// published.
TEST_F(PollCapture, DoesNotMoveOverAnEmptyWindowThatIsNotDurable) {
    auto w = window_to("20:20:");
    w.durable = false;
    outbox.windows.push_back(std::move(w));
    outbox.windows.push_back(window_to("30:30:"));

    EXPECT_EQ(read().end, at("10:10:"));
    EXPECT_EQ(read().end, at("30:30:"));

    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "open 10:10:"));
}

class NotDurable : public PollCapture {
protected:
    NotDurable() {
        auto w = window_to("20:20:", {1});
        w.durable = false;
        outbox.windows.push_back(std::move(w));
    }
};

TEST_F(NotDurable, IsAskedAgainBeforeItIsPublished) {
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = true});

    EXPECT_THAT(seqs_of(read().events), ElementsAre(1));
    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "confirm 0/8"));
}

TEST_F(NotDurable, IsMadeDurableByACommitOfOurs) {
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = false});
    outbox.barriers.push_back(confirmation{.alive = true, .durable = true});

    EXPECT_THAT(seqs_of(read().events), ElementsAre(1));
    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "confirm 0/8", "barrier"));
}

TEST_F(NotDurable, IsNotPublishedWhenTheLifeIsGoneInTheMeantime) {
    outbox.confirmations.push_back(confirmation{.alive = false, .durable = true});

    expect_fenced();
    EXPECT_THAT(outbox.calls, ElementsAre("open 10:10:", "confirm 0/8"));
}

TEST_F(NotDurable, IsNotPublishedWhenTheLifeIsGoneAtTheBarrier) {
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = false});
    outbox.barriers.push_back(confirmation{});

    expect_fenced();
}

TEST_F(NotDurable, IsNotPublishedWhenTheBarrierFails) {
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = false});
    outbox.barriers.push_back(lost_connection());

    EXPECT_EQ(failed_read().origin, "connection");
}

TEST_F(NotDurable, IsNotPublishedWhenTheQuestionFails) {
    outbox.confirmations.push_back(lost_connection());

    EXPECT_EQ(failed_read().origin, "connection");
}

TEST_F(PollCapture, IsFencedOnceTheLifeIsGone) {
    auto w = window_to("5:5:", {1});
    w.alive = false;
    outbox.windows.push_back(std::move(w));

    expect_fenced();
}

TEST_F(PollCapture, IsFencedOnceTheLifeIsGoneThoughThereIsNothingToRead) {
    auto w = window_to("10:10:");
    w.alive = false;
    outbox.windows.push_back(std::move(w));

    expect_fenced();
}

TEST_F(PollCapture, TellsWhyItCannotRead) {
    outbox.windows.push_back(lost_connection());

    EXPECT_EQ(failed_read().origin, "connection");
}

TEST(PollCaptureStart, RefusesACursorThatIsNoSnapshot) {
    scripted_reader outbox;
    const auto begin_at = [&](const position& p) { poll_capture(outbox, p, limits); };

    EXPECT_THROW(begin_at(at("")), std::invalid_argument);
    EXPECT_THROW(begin_at(at("x")), std::invalid_argument);
    EXPECT_THROW(begin_at({.lo = "1:1:", .hi = "x", .done_seq = 0}), std::invalid_argument);
}

TEST(PollCaptureStart, NamesTheTextThatIsNoSnapshot) {
    scripted_reader outbox;
    try {
        poll_capture(outbox, at("1:2"), limits);
        FAIL() << "it was accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(e.what(), HasSubstr("\"1:2\""));
    }
}

}  // namespace
}  // namespace onceward::relay_core
