#include <gtest/gtest.h>

#include "metrics/live_histogram.hpp"

namespace onceward::metrics {
namespace {

using namespace std::chrono_literals;

/// The bound of the one bucket that has something in it.
double bound_of(std::uint64_t units) {
    live_histogram h(1);
    h.add(units);
    const auto read = h.read();
    for (std::size_t i = 0; i < histogram::bounds; ++i)
        if (read.counts[i] == 1) return read.bound(i);
    return -1;  // beyond all of them
}

TEST(Histogram, CountsAValueAtOrBelowItsBound) {
    EXPECT_EQ(bound_of(0), 1);
    EXPECT_EQ(bound_of(1), 1);
    EXPECT_EQ(bound_of(2), 2);
    EXPECT_EQ(bound_of(3), 4);
    EXPECT_EQ(bound_of(4), 4);
    EXPECT_EQ(bound_of(5), 8);
    EXPECT_EQ(bound_of(1 << 19), 1 << 19);
}

TEST(Histogram, CountsWhatIsLargerThanAllBoundsToo) {
    live_histogram h(1);
    h.add((1 << 19) + 1);
    h.add(~std::uint64_t{0} >> 8);

    EXPECT_EQ(h.read().counts.back(), 2U);
    EXPECT_EQ(h.read().total(), 2U);
}

TEST(Histogram, SumsInItsOwnUnit) {
    live_histogram h(0.001);
    tally some;
    some.add(3);
    some.add(1'500);
    h.add(some);

    EXPECT_DOUBLE_EQ(h.read().sum, 1.503);
    EXPECT_EQ(h.read().total(), 2U);
    EXPECT_DOUBLE_EQ(h.read().bound(0), 0.001);
}

TEST(Histogram, AddsWhatAnotherHasCounted) {
    live_histogram a(1), b(1);
    a.add(2);
    b.add(2);
    b.add(100);
    auto all = a.read();
    all += b.read();

    EXPECT_EQ(all.total(), 3U);
    EXPECT_EQ(all.counts[1], 2U);
    EXPECT_DOUBLE_EQ(all.sum, 104);
}

TEST(Histogram, RoundsATimeUpToItsUnit) {
    EXPECT_EQ(duration_units(0ns), 0U);
    EXPECT_EQ(duration_units(1ns), 1U);
    EXPECT_EQ(duration_units(100us), 1U);
    EXPECT_EQ(duration_units(1ms), 10U);
    EXPECT_EQ(duration_units(-1ms), 0U);
}

}  // namespace
}  // namespace onceward::metrics
