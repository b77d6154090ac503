#include "relay/service_notices.hpp"

#include <gtest/gtest.h>

namespace onceward::cli {
namespace {

using namespace std::chrono_literals;

constexpr service_notices::time_point begin{1h};

relay_state in_role(relay_role role, std::string reason = {}) {
    return {.role = role, .reason = std::move(reason), .since_tick = 10ms, .tick_within = 1s};
}

/// What is due, which the manager then receives.
std::string told(service_notices& n, const relay_state& state, bool stopping = false,
                 service_notices::time_point now = begin) {
    const service_look at{.state = state, .stopping = stopping};
    auto due = n.due(at, now);
    n.received(at, now);
    return due;
}

TEST(ServiceNotices, AreReadyOnceTheRelayStandsBy) {
    service_notices n(std::nullopt);

    EXPECT_EQ(told(n, in_role(relay_role::connecting)), "STATUS=connecting\n");
    EXPECT_EQ(told(n, in_role(relay_role::standby)), "READY=1\nSTATUS=standby\n");
    EXPECT_EQ(told(n, in_role(relay_role::leader)), "STATUS=leader\n");
    EXPECT_EQ(told(n, in_role(relay_role::leader)), "");
}

TEST(ServiceNotices, StayDueUntilTheManagerHasReceivedThem) {
    const service_notices n(std::nullopt);

    EXPECT_EQ(n.due({.state = in_role(relay_role::leader), .stopping = true}, begin),
              "READY=1\nSTOPPING=1\nSTATUS=leader\n");
    EXPECT_EQ(n.due({.state = in_role(relay_role::leader), .stopping = true}, begin),
              "READY=1\nSTOPPING=1\nSTATUS=leader\n");
}

/// The same, in the middle of or after reloads.
std::string told(service_notices& n, relay_role role, const reload_progress& reload) {
    const service_look at{.state = in_role(role), .reload = reload};
    auto due = n.due(at, begin);
    n.received(at, begin);
    return due;
}

TEST(ServiceNotices, FrameAReloadByTwoMessagesAlsoWhereItIsOverAlready) {
    service_notices n(std::nullopt);
    told(n, relay_role::leader, {});
    const reload_progress over{.begun = 1, .ended = 1, .begun_at = begin + 7us};

    EXPECT_EQ(told(n, relay_role::leader, over), "RELOADING=1\nMONOTONIC_USEC=3600000007\n");
    EXPECT_EQ(told(n, relay_role::leader, over), "READY=1\n");
    EXPECT_EQ(told(n, relay_role::leader, over), "");
}

TEST(ServiceNotices, AreReadyAgainOnlyWhenTheLastReloadHasEnded) {
    service_notices n(std::nullopt);
    told(n, relay_role::leader, {});
    told(n, relay_role::leader, {.begun = 1, .begun_at = begin});

    EXPECT_EQ(told(n, relay_role::leader, {.begun = 1, .begun_at = begin}), "");
    EXPECT_EQ(told(n, relay_role::leader, {.begun = 2, .ended = 1, .begun_at = begin + 1us}),
              "RELOADING=1\nMONOTONIC_USEC=3600000001\n");
    EXPECT_EQ(told(n, relay_role::leader, {.begun = 2, .ended = 2, .begun_at = begin + 1us}),
              "READY=1\n");
}

TEST(ServiceNotices, TakeAReloadBeforeTheStartIsThroughForAPartOfIt) {
    service_notices n(std::nullopt);
    EXPECT_EQ(told(n, relay_role::connecting, {.begun = 1, .ended = 1}), "STATUS=connecting\n");
    EXPECT_EQ(told(n, relay_role::leader, {.begun = 1, .ended = 1}), "READY=1\nSTATUS=leader\n");
    EXPECT_EQ(told(n, relay_role::leader, {.begun = 1, .ended = 1}), "");
}

TEST(ServiceNotices, SayOnceThatTheRelayStops) {
    service_notices n(std::nullopt);
    told(n, in_role(relay_role::leader));

    EXPECT_EQ(told(n, in_role(relay_role::leader), true), "STOPPING=1\n");
    EXPECT_EQ(told(n, in_role(relay_role::leader), true), "");
}

TEST(ServiceNotices, GiveASignOfLifeAtTwiceTheExpectedRate) {
    service_notices n(30s);
    const auto leader = in_role(relay_role::leader);

    EXPECT_EQ(told(n, leader), "READY=1\nSTATUS=leader\nWATCHDOG=1\n");
    EXPECT_EQ(told(n, leader, false, begin + 14s), "");
    EXPECT_EQ(told(n, leader, false, begin + 15s), "WATCHDOG=1\n");
    EXPECT_EQ(told(n, leader, false, begin + 29s), "");
}

TEST(ServiceNotices, GiveNoSignOfLifeWhileTheLoopHangs) {
    service_notices n(30s);
    auto hung = in_role(relay_role::leader);
    hung.since_tick = 2 * hung.tick_within + 1ms;
    told(n, hung);

    EXPECT_EQ(told(n, hung, false, begin + 1min), "");
    EXPECT_EQ(told(n, in_role(relay_role::leader), false, begin + 2min), "WATCHDOG=1\n");
}

TEST(ServiceNotices, GiveNoSignOfLifeWhereNoneIsExpected) {
    service_notices n(std::nullopt);
    told(n, in_role(relay_role::leader));

    EXPECT_EQ(told(n, in_role(relay_role::leader), false, begin + 1h), "");
}

TEST(ServiceStatus, SaysWhatWaitsAndWhatTheTroubleIs) {
    auto state = in_role(relay_role::leader, "no broker can be reached");
    state.backlog = relay_backlog{.pending_events = 12, .oldest_pending_s = 3.2};
    EXPECT_EQ(status_line(state),
              "leader, 12 events wait, the oldest for 3 s: no broker can be reached");

    state.backlog->pending_events = 0;
    EXPECT_EQ(status_line(state), "leader, nothing waits: no broker can be reached");
}

TEST(ServiceStatus, IsOneLineWhateverTheReason) {
    EXPECT_EQ(status_line(in_role(relay_role::connecting, "refused\nREADY=1")),
              "connecting: refused READY=1");
}

}  // namespace
}  // namespace onceward::cli
