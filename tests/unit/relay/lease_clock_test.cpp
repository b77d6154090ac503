#include "relay/core/lease_clock.hpp"

#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

constexpr time_point asked_at{1h};

TEST(LeaseClock, AsksForRenewalAfterAThird) {
    const lease_clock<time_point> clock(9s, asked_at);

    EXPECT_EQ(clock.renew_at(), asked_at + 3s);
}

TEST(LeaseClock, IsOverATenthBeforeTheLeaseEnds) {
    const lease_clock<time_point> clock(10s, asked_at);

    EXPECT_FALSE(clock.over(asked_at));
    EXPECT_FALSE(clock.over(asked_at + 9s - 1ns));
    EXPECT_TRUE(clock.over(asked_at + 9s));
    EXPECT_TRUE(clock.over(asked_at + 1h));
}

TEST(LeaseClock, CountsFromWhenTheRenewalWasAskedFor) {
    lease_clock<time_point> clock(9s, asked_at);

    clock.renewed(asked_at + 3s);

    EXPECT_EQ(clock.renew_at(), asked_at + 6s);
    EXPECT_FALSE(clock.over(asked_at + 11s));
    EXPECT_TRUE(clock.over(asked_at + 12s));
}

}  // namespace
}  // namespace onceward::relay_core
