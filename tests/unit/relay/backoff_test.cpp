#include "relay/core/backoff.hpp"

#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToItsMaximum) {
    backoff b(milliseconds{100}, milliseconds{500});

    EXPECT_EQ(b.pause(), milliseconds{100});
    EXPECT_EQ(b.pause(), milliseconds{200});
    EXPECT_EQ(b.pause(), milliseconds{400});
    EXPECT_EQ(b.pause(), milliseconds{500});
    EXPECT_EQ(b.pause(), milliseconds{500});
}

TEST(Backoff, BeginsAnewAfterASuccess) {
    backoff b(milliseconds{100}, milliseconds{500});
    b.pause();
    b.pause();

    b.reset();

    EXPECT_EQ(b.pause(), milliseconds{100});
}

TEST(Backoff, StaysWhereMinimumAndMaximumAreEqual) {
    backoff b(milliseconds{7}, milliseconds{7});

    EXPECT_EQ(b.pause(), milliseconds{7});
    EXPECT_EQ(b.pause(), milliseconds{7});
}

}  // namespace
}  // namespace onceward::relay_core
