#include "relay/io/live_state.hpp"

#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

using namespace std::chrono_literals;
using reach = relay_connection::reach;

TEST(LiveState, IsConnectingAndAliveAtFirst) {
    const live_state s;

    EXPECT_EQ(s.look().role, relay_role::connecting);
    EXPECT_TRUE(s.look().alive());
    EXPECT_FALSE(s.look().backlog.has_value());
}

TEST(LiveState, IsAliveUntilALoopIsLateByAsMuchAgain) {
    EXPECT_TRUE((relay_state{.since_tick = 20s, .tick_within = 10s}.alive()));
    EXPECT_FALSE((relay_state{.since_tick = 20001ms, .tick_within = 10s}.alive()));
}

TEST(LiveState, CountsTheTimeSinceTheLastTick) {
    live_state s;
    s.tick(0ms);

    while (s.look().since_tick == 0ms) {
    }

    EXPECT_FALSE(s.look().alive());
    s.tick(1h);
    EXPECT_TRUE(s.look().alive());
}

TEST(LiveState, KeepsTheTimeOfARoleThatStays) {
    live_state s;
    s.become(relay_role::leader);
    const auto since = s.look().since;

    s.become(relay_role::leader, "a topic is missing");

    EXPECT_EQ(s.look().since, since);
    EXPECT_EQ(s.look().reason, "a topic is missing");
}

TEST(LiveState, ForgetsLeaseAndKafkaWithTheLease) {
    live_state s;
    s.become(relay_role::leader);
    s.leased_until(live_state::clock::now() + 1h);
    s.kafka({.now = reach::up});
    ASSERT_TRUE(s.look().lease_left.has_value());

    s.become(relay_role::standby);

    EXPECT_FALSE(s.look().lease_left.has_value());
    EXPECT_EQ(s.look().kafka.now, reach::unknown);
}

TEST(LiveState, StaysInItsRoleWhileTroubleMayPass) {
    live_state s;
    s.become(relay_role::leader);

    s.in_trouble("no such topic", /*role_is_lost=*/false);
    EXPECT_EQ(s.look().role, relay_role::leader);
    EXPECT_EQ(s.look().reason, "no such topic");

    s.in_trouble("the server is gone", /*role_is_lost=*/true);
    EXPECT_EQ(s.look().role, relay_role::connecting);
}

TEST(LiveState, AcknowledgedEventsEndALeadersTroubleAndNoOther) {
    live_state s;
    s.become(relay_role::leader, "no broker can be reached");
    s.published();
    EXPECT_EQ(s.look().reason, "");
    EXPECT_EQ(s.look().kafka.now, reach::up);

    s.become(relay_role::paused, "by ann");
    s.published();  // what was in flight
    EXPECT_EQ(s.look().reason, "by ann");
}

TEST(LiveState, ResumesOnlyWhatIsPaused) {
    live_state s;
    s.become(relay_role::stopped, "poison");
    s.resume();
    EXPECT_EQ(s.look().role, relay_role::stopped);

    s.become(relay_role::paused, "by ann");
    s.resume();
    EXPECT_EQ(s.look().role, relay_role::leader);
    EXPECT_EQ(s.look().reason, "");
}

TEST(LiveState, NeverHasLessThanNothingLeftOfALease) {
    live_state s;
    s.become(relay_role::leader);
    s.leased_until(live_state::clock::now() - 1h);

    EXPECT_EQ(*s.look().lease_left, 0ms);
}

}  // namespace
}  // namespace onceward::relay_core
