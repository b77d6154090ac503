#include "relay/core/pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "make_events.hpp"

namespace onceward::relay_core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Carries out all commands that are due and keeps what they said.
struct driver {
    explicit driver(pipeline& p) : core(p) {}

    void run() {
        while (auto c = core.next()) {
            if (std::holds_alternative<read_more>(*c)) ++reads;
            if (const auto* p = std::get_if<produce>(&*c)) produced.push_back(p->number);
            if (const auto* a = std::get_if<advance>(&*c)) advances.push_back(*a);
        }
    }
    void read(piece p) {
        run();
        core.read(std::move(p));
        run();
    }
    void acknowledge(std::uint64_t number, std::size_t events) {
        core.acknowledged(number, events);
        run();
    }
    [[nodiscard]] std::vector<std::string> positions() const {
        std::vector<std::string> all;
        for (const auto& a : advances) all.push_back(a.to.lo);
        return all;
    }

    pipeline& core;
    int reads = 0;
    std::vector<std::uint64_t> produced;
    std::vector<advance> advances;
};

class Pipeline : public ::testing::Test {
protected:
    pipeline core{1000, 100, 0};
    driver d{core};
};

TEST_F(Pipeline, TellsWhichAcknowledgementCompletesAPiece) {
    d.read(make_piece({1, 2, 3}, at("1")));
    EXPECT_EQ(core.completed_by(0, 2), nullptr);
    d.acknowledge(0, 2);

    const auto* whole = core.completed_by(0, 1);

    ASSERT_NE(whole, nullptr);
    EXPECT_EQ(whole->events.size(), 3U);
}

TEST_F(Pipeline, AsksForOnePieceAtATime) {
    d.run();
    d.run();
    EXPECT_EQ(d.reads, 1);

    d.read(make_piece({1}, at("1:1:"), 10));
    EXPECT_EQ(d.reads, 2);
}

TEST_F(Pipeline, ProducesEachPieceOnceInOrder) {
    d.read(make_piece({1, 2}, at("a"), 10));
    d.read(make_piece({3}, at("b"), 10));
    d.acknowledge(0, 2);
    d.read(make_piece({4}, at("c"), 10));

    EXPECT_THAT(d.produced, ElementsAre(0, 1, 2));
}

TEST_F(Pipeline, ProducesBeforeItReadsOn) {
    ASSERT_TRUE(std::holds_alternative<read_more>(*core.next()));
    core.read(make_piece({1}, at("a"), 10));

    const auto c = core.next();
    ASSERT_TRUE(c);
    ASSERT_TRUE(std::holds_alternative<produce>(*c));
    EXPECT_THAT(seqs_of(std::get<produce>(*c).what->events), ElementsAre(1));
}

TEST_F(Pipeline, AdvancesOnlyOverAcknowledgedEvents) {
    d.read(make_piece({1, 2, 3}, at("a"), 10));

    d.acknowledge(0, 2);
    EXPECT_THAT(d.advances, IsEmpty());

    d.acknowledge(0, 1);
    EXPECT_THAT(d.positions(), ElementsAre("a"));
}

TEST_F(Pipeline, DoesNotAdvanceOverAnEarlierPieceThatIsNotAcknowledged) {
    d.read(make_piece({1, 2}, at("a"), 10));
    d.read(make_piece({3}, at("b"), 10));
    d.read(make_piece({4}, at("c"), 10));

    d.acknowledge(1, 1);
    d.acknowledge(0, 1);
    EXPECT_THAT(d.advances, IsEmpty());

    d.acknowledge(0, 1);
    EXPECT_THAT(d.positions(), ElementsAre("b"));

    d.acknowledge(2, 1);
    EXPECT_THAT(d.positions(), ElementsAre("b", "c"));
}

TEST_F(Pipeline, AdvancesWithTheWholePosition) {
    const position inside{.lo = "1:5:", .hi = "1:9:", .done_seq = 42};
    d.read(make_piece({42}, inside, 10));

    d.acknowledge(0, 1);

    ASSERT_EQ(d.advances.size(), 1U);
    EXPECT_EQ(d.advances[0].to, inside);
}

TEST_F(Pipeline, AdvancesAtOnceOverAnEmptyPiece) {
    d.read(make_piece({}, at("a")));

    ASSERT_EQ(d.advances.size(), 1U);
    EXPECT_EQ(d.advances[0].to, at("a"));
    EXPECT_FALSE(d.advances[0].has_events);
}

TEST_F(Pipeline, KeepsAnEmptyPieceBehindUnacknowledgedOnes) {
    d.read(make_piece({1}, at("a"), 10));
    d.read(make_piece({}, at("b")));
    EXPECT_THAT(d.advances, IsEmpty());

    d.acknowledge(0, 1);

    EXPECT_THAT(d.positions(), ElementsAre("b"));
    EXPECT_TRUE(d.advances[0].has_events);
}

TEST_F(Pipeline, RemembersThatEventsWereAcknowledgedUntilItSaysSo) {
    ASSERT_TRUE(core.next());
    core.read(make_piece({1}, at("a"), 10));
    ASSERT_TRUE(core.next());  // produce
    ASSERT_TRUE(core.next());  // read more
    core.acknowledged(0, 1);
    core.read(make_piece({}, at("b")));

    d.run();

    ASSERT_EQ(d.advances.size(), 1U);
    EXPECT_EQ(d.advances[0].to, at("b"));
    EXPECT_TRUE(d.advances[0].has_events);
}

TEST_F(Pipeline, DoesNotClaimEventsTwice) {
    d.read(make_piece({1}, at("a"), 10));
    d.acknowledge(0, 1);
    d.read(make_piece({}, at("b")));

    ASSERT_EQ(d.advances.size(), 2U);
    EXPECT_TRUE(d.advances[0].has_events);
    EXPECT_FALSE(d.advances[1].has_events);
}

TEST_F(Pipeline, AsksForNoMoreThanFits) {
    d.read(make_piece({1}, at("a"), 100));
    for (int i = 0; i < 8; ++i) d.read(make_piece({2 + i}, at("a"), 100));
    EXPECT_EQ(core.in_flight_bytes(), 900U);
    ASSERT_EQ(d.reads, 10);

    d.core.read(make_piece({10}, at("a"), 50));
    d.run();
    EXPECT_EQ(d.reads, 10) << "950 bytes in flight and a piece of 100 would pass 1000";

    d.acknowledge(0, 1);
    EXPECT_EQ(core.in_flight_bytes(), 850U);
    EXPECT_EQ(d.reads, 11);
}

TEST_F(Pipeline, LetsOnePieceThroughHoweverLarge) {
    d.read(make_piece({1}, at("a"), 5000));
    EXPECT_EQ(d.reads, 1);
    EXPECT_THAT(d.produced, ElementsAre(0));

    d.acknowledge(0, 1);
    EXPECT_EQ(d.reads, 2);
    EXPECT_EQ(core.in_flight_bytes(), 0U);
}

TEST(PipelineOfSmallEvents, CountsWhatTheProducerHoldsForEach) {
    pipeline core{1000, 100, 300};
    driver d{core};

    d.read(make_piece({1, 2}, at("a"), 100));
    EXPECT_EQ(core.in_flight_bytes(), 700U);
    d.read(make_piece({3}, at("b"), 50));
    EXPECT_EQ(d.reads, 2) << "1050 bytes are in flight";

    d.acknowledge(0, 2);
    EXPECT_EQ(core.in_flight_bytes(), 350U);
    EXPECT_EQ(d.reads, 3);
}

TEST(PipelineOfOnePiece, StillReads) {
    pipeline core{100, 100, 0};
    driver d{core};

    d.read(make_piece({1}, at("a"), 100));
    EXPECT_EQ(d.reads, 1);

    d.acknowledge(0, 1);
    EXPECT_EQ(d.reads, 2);
}

TEST_F(Pipeline, AsksForNothingMoreOnceItDrains) {
    d.read(make_piece({1}, at("a"), 10));
    const int before = d.reads;

    core.drain();
    core.read(make_piece({2}, at("b"), 10));
    d.run();

    EXPECT_EQ(d.reads, before);
    EXPECT_THAT(d.produced, ElementsAre(0, 1)) << "what was read is still published";

    d.acknowledge(0, 1);
    d.acknowledge(1, 1);
    EXPECT_THAT(d.positions(), ElementsAre("a", "b"));
    EXPECT_TRUE(core.idle());
}

TEST_F(Pipeline, IsIdleWhenNothingIsReadOrInFlight) {
    EXPECT_TRUE(core.idle());

    d.run();
    EXPECT_FALSE(core.idle()) << "a piece was asked for";

    core.drain();
    core.read(make_piece({1}, at("a"), 10));
    EXPECT_FALSE(core.idle()) << "an event is not acknowledged";

    d.acknowledge(0, 1);
    EXPECT_TRUE(core.idle());
}

}  // namespace
}  // namespace onceward::relay_core
