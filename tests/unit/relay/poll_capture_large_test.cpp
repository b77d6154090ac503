#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "make_events.hpp"
#include "relay/core/poll_capture.hpp"
#include "scripted_reader.hpp"

namespace onceward::relay_core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

constexpr piece_limits three_events{.events_max = 3, .bytes_max = 1'000'000};

opened_window too_much_for_a_piece(const char* hi) {
    auto w = window_to(hi, {900, 901, 902, 903});
    w.complete = false;
    return w;
}

piece read(poll_capture& from) {
    auto p = from.read();
    EXPECT_TRUE(p);
    return p ? std::move(*p) : piece{};
}

class LargeWindow : public ::testing::Test {
protected:
    LargeWindow() {
        outbox.windows.push_back(too_much_for_a_piece("14:30:14,25"));
        outbox.latecomers_with_rows = {12};
        outbox.runs[0] = {2, 3, 6, 7};
        outbox.runs[12] = {1, 5};
    }
    scripted_reader outbox;
    poll_capture capture{outbox, at("10:15:10,12,14"), three_events};
};

TEST_F(LargeWindow, IsReadInPiecesInOrderOfSequenceNumbers) {
    EXPECT_THAT(seqs_of(read(capture).events), ElementsAre(1, 2, 3));
    EXPECT_THAT(seqs_of(read(capture).events), ElementsAre(5, 6, 7));
}

TEST_F(LargeWindow, NamesItsProgressUntilItEnds) {
    EXPECT_EQ(read(capture).end,
              (position{.lo = "10:15:10,12,14", .hi = "14:30:14,25", .done_seq = 3}));
    EXPECT_EQ(read(capture).end, at("14:30:14,25"));
}

TEST_F(LargeWindow, IsFollowedByAWindowThatBeginsAtItsEnd) {
    read(capture);
    read(capture);
    outbox.windows.push_back(window_to("40:40:"));

    read(capture);

    EXPECT_EQ(outbox.calls.back(), "open 14:30:14,25");
}

TEST_F(LargeWindow, AsksWhichLatecomersHaveRows) {
    read(capture);

    EXPECT_THAT(outbox.asked_for_rows, ElementsAre(10, 12)) << "14 is in progress still";
}

TEST_F(LargeWindow, IsMadeDurableBeforeItIsRead) {
    auto w = too_much_for_a_piece("14:30:14,25");
    w.durable = false;
    outbox.windows.clear();
    outbox.windows.push_back(std::move(w));
    outbox.confirmations.push_back(confirmation{.alive = true, .durable = false});
    outbox.barriers.push_back(confirmation{.alive = true, .durable = true});

    read(capture);

    ASSERT_GE(outbox.calls.size(), 4U);
    EXPECT_EQ(outbox.calls[1], "confirm 0/8");
    EXPECT_EQ(outbox.calls[2], "barrier");
    EXPECT_EQ(outbox.calls[3], "with_rows");
}

TEST_F(LargeWindow, BeginsTheRunOfTheNewTransactionsAtItsFloor) {
    outbox.below_all = 1;

    read(capture);

    EXPECT_THAT(outbox.calls, Contains("run 0 after 1"));
    EXPECT_THAT(outbox.calls, Contains("run 12 after 0"));
}

// Whatever the statements of a piece have read, they read it in one life of the server.
TEST_F(LargeWindow, IsFencedWhenTheLifeIsGoneAfterAPiece) {
    read(capture);
    outbox.confirmations.push_back(confirmation{.alive = false, .durable = true});

    const auto p = capture.read();

    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().origin, "fenced");
}

TEST_F(LargeWindow, TellsWhyTheLifeIsNotKnown) {
    outbox.confirmations.push_back(lost_connection());

    const auto p = capture.read();

    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().origin, "connection");
}

TEST(ResumedWindow, IsReadToTheStoredEndAndNotToAnother) {
    scripted_reader outbox;
    outbox.latecomers_with_rows = {12};
    outbox.runs[0] = {2, 3, 6, 7};
    outbox.runs[12] = {1, 5};
    poll_capture capture(outbox, position{.lo = "10:15:10,12", .hi = "16:30:16,25", .done_seq = 3},
                         three_events);

    const auto p = read(capture);

    EXPECT_THAT(seqs_of(p.events), ElementsAre(5, 6, 7));
    EXPECT_EQ(p.end, at("16:30:16,25"));
    EXPECT_THAT(outbox.calls, Contains("floor 10:15:10,12 16:30:16,25"));
    EXPECT_THAT(outbox.calls, Not(Contains(StartsWith("open"))));
}

TEST(ResumedWindow, BeginsAllRunsBehindTheStoredProgress) {
    scripted_reader outbox;
    outbox.latecomers_with_rows = {12};
    outbox.below_all = 2;
    outbox.runs[0] = {9};
    poll_capture capture(outbox, position{.lo = "10:15:10,12", .hi = "16:30:16,25", .done_seq = 5},
                         three_events);

    read(capture);

    EXPECT_THAT(outbox.calls, Contains("run 0 after 5"));
    EXPECT_THAT(outbox.calls, Contains("run 12 after 5"));
}

TEST(ResumedWindow, EndsAtItsEndWhenNothingIsLeftOfIt) {
    scripted_reader outbox;
    outbox.runs[0] = {2, 3};
    poll_capture capture(outbox, position{.lo = "10:10:", .hi = "20:20:", .done_seq = 3},
                         three_events);

    const auto p = read(capture);

    EXPECT_TRUE(p.events.empty());
    EXPECT_EQ(p.end, at("20:20:"));
}

// A read of no bytes would bring nothing and never come to an end.
TEST(ManyLatecomers, ShareTheBoundOfBytesButNeverGetNone) {
    scripted_reader outbox;
    outbox.windows.push_back(too_much_for_a_piece("20:30:"));
    outbox.latecomers_with_rows = {11, 12, 13};
    outbox.runs = {{0, {1, 6}}, {11, {2}}, {12, {3, 5}}, {13, {4}}};
    poll_capture capture(outbox, at("10:15:11,12,13"), {.events_max = 100, .bytes_max = 2});

    std::vector<std::int64_t> all;
    while (all.size() < 6) {
        const auto p = read(capture);
        ASSERT_EQ(p.events.size(), 1U) << "one event passes the bound alone";
        all.push_back(p.events[0].seq);
    }

    EXPECT_THAT(all, ElementsAre(1, 2, 3, 4, 5, 6));
    EXPECT_GE(outbox.least_bytes_max, 1U);
}

}  // namespace
}  // namespace onceward::relay_core
