#include "relay/core/window_merge.hpp"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "make_events.hpp"

namespace onceward::relay_core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t no_bound = 1'000'000;

/// What can be taken at once, as sequence numbers.
std::vector<std::int64_t> taken(window_merge& from, std::size_t events_max = no_bound,
                                std::size_t bytes_max = no_bound) {
    piece p;
    from.take(p, events_max, bytes_max);
    return seqs_of(p.events);
}

TEST(WindowMerge, TakesTheRunsEventsInOneOrder) {
    window_merge merge(3);
    merge.feed(0, make_chunk({1, 5, 9}), true);
    merge.feed(1, make_chunk({2, 3, 10}), true);
    merge.feed(2, make_chunk({4, 6}), true);

    EXPECT_THAT(taken(merge), ElementsAre(1, 2, 3, 4, 5, 6, 9, 10));
    EXPECT_TRUE(merge.finished());
}

TEST(WindowMerge, TakesNothingWhileARunStarves) {
    window_merge merge(2);
    merge.feed(0, make_chunk({1, 5}), true);

    EXPECT_EQ(merge.starving(), 1U);
    EXPECT_THAT(taken(merge), IsEmpty());
}

TEST(WindowMerge, StopsWhereARunHasToBeFed) {
    window_merge merge(2);
    merge.feed(0, make_chunk({1, 5}), true);
    merge.feed(1, make_chunk({2, 3}), false);

    EXPECT_THAT(taken(merge), ElementsAre(1, 2, 3));
    EXPECT_EQ(merge.starving(), 1U);
    EXPECT_FALSE(merge.finished());

    merge.feed(1, make_chunk({4, 6}), true);

    EXPECT_EQ(merge.starving(), std::nullopt);
    EXPECT_THAT(taken(merge), ElementsAre(4, 5, 6));
    EXPECT_TRUE(merge.finished());
}

TEST(WindowMerge, ReadsARunOnBehindItsLastEvent) {
    window_merge merge(2);
    merge.feed(0, make_chunk({3, 8}), false);

    EXPECT_EQ(merge.after(0), 8);
    EXPECT_EQ(merge.after(1), 0);
}

TEST(WindowMerge, BeginsRunsBehindWhatIsDone) {
    window_merge merge(2);
    merge.start_after(50);
    merge.start_run_after(0, 70);
    merge.start_run_after(1, 20);

    EXPECT_EQ(merge.after(0), 70);
    EXPECT_EQ(merge.after(1), 50);
}

TEST(WindowMerge, IsFinishedOnceEmptyRunsSayTheyAreAtTheirEnd) {
    window_merge merge(2);
    EXPECT_FALSE(merge.finished());

    merge.feed(0, {}, true);
    EXPECT_EQ(merge.starving(), 1U);
    merge.feed(1, {}, true);

    EXPECT_EQ(merge.starving(), std::nullopt);
    EXPECT_TRUE(merge.finished());
    EXPECT_THAT(taken(merge), IsEmpty());
}

TEST(WindowMerge, TakesFromTheOthersWhenOneRunIsEmpty) {
    window_merge merge(2);
    merge.feed(0, {}, true);
    merge.feed(1, make_chunk({4, 7}), true);

    EXPECT_THAT(taken(merge), ElementsAre(4, 7));
}

TEST(WindowMerge, TakesNoMoreThanTheBoundOfEvents) {
    window_merge merge(2);
    merge.feed(0, make_chunk({1, 3, 5}), true);
    merge.feed(1, make_chunk({2, 4, 6}), true);

    EXPECT_THAT(taken(merge, 2), ElementsAre(1, 2));
    EXPECT_THAT(taken(merge, 3), ElementsAre(3, 4, 5));
    EXPECT_THAT(taken(merge, 3), ElementsAre(6));
}

TEST(WindowMerge, TakesNoMoreThanTheBoundOfBytes) {
    window_merge merge(1);
    merge.feed(0, make_chunk({1, 2, 3}, 100), true);

    piece p;
    merge.take(p, no_bound, 2 * (bare_bytes + 100) + 99);

    EXPECT_THAT(seqs_of(p.events), ElementsAre(1, 2));
    EXPECT_EQ(p.bytes, 2 * (bare_bytes + 100));
}

TEST(WindowMerge, TakesOneEventHoweverLarge) {
    window_merge merge(1);
    merge.feed(0, make_chunk({1, 2}, 1000), true);

    EXPECT_THAT(taken(merge, no_bound, 1), ElementsAre(1));
    EXPECT_THAT(taken(merge, no_bound, 1), ElementsAre(2));
}

TEST(WindowMerge, HandsOverTheMemoryOfWhatItTakes) {
    window_merge merge(2);
    merge.feed(0, make_chunk({1, 2, 5}, 10), true);
    merge.feed(1, make_chunk({3, 4}, 10), true);

    piece p;
    merge.take(p, 4, no_bound);

    ASSERT_THAT(seqs_of(p.events), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(p.memory.size(), 2U);
    for (const auto& e : p.events) EXPECT_EQ(*e.payload, "pppppppppp");
}

// Goal: the order holds for any number of runs and any way of feeding them.
// Method: run r of n has the numbers r, r + n, r + 2n ...; each feed brings one more than the last.
TEST(WindowMerge, MergesManyRunsHoweverTheyAreFed) {
    constexpr std::size_t runs = 97;
    constexpr std::int64_t each = 20;
    window_merge merge(runs);
    std::vector<std::int64_t> fed(runs, 0);
    std::size_t next_size = 1;
    piece p;

    while (!merge.finished()) {
        while (const auto run = merge.starving()) {
            chunk c;
            c.memory = std::make_shared<arena>();
            const std::int64_t until = std::min<std::int64_t>(
                each, fed[*run] + static_cast<std::int64_t>(next_size++ % 5));
            for (; fed[*run] < until; ++fed[*run]) {
                c.events.push_back(
                    make_event(1 + static_cast<std::int64_t>(*run) + fed[*run] * std::int64_t{runs},
                               *c.memory));
            }
            merge.feed(*run, std::move(c), fed[*run] == each);
        }
        merge.take(p, p.events.size() + 13, no_bound * 10);
    }

    ASSERT_EQ(p.events.size(), runs * each);
    for (std::size_t i = 0; i < p.events.size(); ++i) {
        ASSERT_EQ(p.events[i].seq, static_cast<std::int64_t>(i) + 1);
    }
}

}  // namespace
}  // namespace onceward::relay_core
