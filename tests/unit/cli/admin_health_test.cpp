#include <gtest/gtest.h>

#include "admin/health.hpp"

namespace onceward::cli {
namespace {

using namespace std::chrono_literals;
using reach = relay_connection::reach;
using query = std::multimap<std::string, std::string>;

health_facts healthy() {
    health_facts f{.checks_passed = true};
    f.relay.role = relay_role::leader;
    f.relay.tick_within = 10s;
    f.relay.database.now = reach::up;
    f.relay.kafka.now = reach::up;
    return f;
}

std::string failed_of(const std::vector<health_check>& checks) {
    std::string names;
    for (const auto& c : checks) {
        if (c.passed) continue;
        names += c.name;
        EXPECT_NE(c.reason, "") << c.name;
        EXPECT_NE(c.remedy, "") << c.name;
    }
    return names;
}

TEST(Liveness, FailsOnlyWhenTheLoopHangs) {
    health_facts f = healthy();
    f.relay.database = {reach::down, "refused"};
    f.relay.kafka = {reach::down, "refused"};
    f.relay.role = relay_role::connecting;
    f.checks_passed = false;
    EXPECT_EQ(failed_of(liveness(f)), "");

    f.relay.since_tick = 21s;
    EXPECT_EQ(failed_of(liveness(f)), "loop");
}

TEST(Readiness, HoldsForLeaderStandbyAndPaused) {
    for (const auto role : {relay_role::leader, relay_role::standby, relay_role::paused}) {
        health_facts f = healthy();
        f.relay.role = role;
        EXPECT_EQ(failed_of(readiness(f)), "") << to_string(role);
    }
}

TEST(Readiness, DoesNotAskAStandbyForKafka) {
    health_facts f = healthy();
    f.relay.role = relay_role::standby;
    f.relay.kafka.now = reach::unknown;

    EXPECT_EQ(failed_of(readiness(f)), "");
}

TEST(Readiness, FailsWithWhatIsMissing) {
    const auto failing = [](auto change) {
        health_facts f = healthy();
        change(f);
        return failed_of(readiness(f));
    };
    EXPECT_EQ(failing([](auto& f) { f.checks_passed = false; }), "schema");
    EXPECT_EQ(failing([](auto& f) { f.relay.database = {reach::down, "refused"}; }), "postgres");
    EXPECT_EQ(failing([](auto& f) { f.relay.database = {}; }), "postgres");
    EXPECT_EQ(failing([](auto& f) { f.relay.kafka = {reach::down, "no broker"}; }), "kafka");
    EXPECT_EQ(failing([](auto& f) {
                  f.relay.role = relay_role::stopped;
                  f.relay.reason = "too large";
              }),
              "shard");
    EXPECT_EQ(failing([](auto& f) { f.relay.since_tick = 1h; }), "loop");
}

TEST(Startup, PassesOnceTheChecksAreThrough) {
    health_facts f;
    EXPECT_EQ(failed_of(startup(f)), "schema");
    f.checks_passed = true;
    EXPECT_EQ(failed_of(startup(f)), "");
}

TEST(HealthResponse, IsShortWhenAllIsWell) {
    const auto r = health_response(readiness(healthy()), {});

    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.body, "ok\n");
}

TEST(HealthResponse, ListsAllChecksWhenItIsAsked) {
    const auto r = health_response(readiness(healthy()), query{{"verbose", ""}});

    EXPECT_EQ(r.body, "[+]loop ok\n[+]schema ok\n[+]postgres ok\n[+]kafka ok\n[+]shard ok\nok\n");
}

TEST(HealthResponse, SaysWhatFailedAndWhatToDoOnALineOfItsOwn) {
    health_facts f = healthy();
    f.relay.kafka = {reach::down, "no\r\nbroker"};

    const auto r = health_response(readiness(f), {});

    EXPECT_EQ(r.status, 503);
    EXPECT_EQ(r.body,
              "[-]kafka failed: no  broker -> check --brokers and the network; events wait in the "
              "outbox meanwhile\nnot ok\n");
}

TEST(HealthResponse, LeavesOutWhatIsExcluded) {
    health_facts f = healthy();
    f.relay.kafka = {reach::down, "no broker"};
    f.relay.database = {reach::down, "refused"};

    EXPECT_EQ(health_response(readiness(f), query{{"exclude", "kafka"}}).status, 503);
    EXPECT_EQ(
        health_response(readiness(f), query{{"exclude", "kafka"}, {"exclude", "postgres"}}).status,
        200);
    EXPECT_EQ(health_response(readiness(f), query{{"exclude", "zookeeper"}}).status, 400);
}

TEST(Health, NamesTheOutboxWhereThereAreSeveral) {
    auto shop = healthy();
    shop.outbox = "shop";
    auto billing = healthy();
    billing.outbox = "billing";
    billing.relay.database = {relay_connection::reach::down, "no route"};

    const auto r = health_response(checks_of(readiness, {shop, billing}), {{"verbose", ""}});

    EXPECT_EQ(r.status, 503);
    EXPECT_NE(r.body.find("[+]shop/postgres ok\n"), std::string::npos) << r.body;
    EXPECT_NE(r.body.find("[-]billing/postgres failed: no route"), std::string::npos) << r.body;
    EXPECT_EQ(
        health_response(checks_of(readiness, {shop, billing}), {{"exclude", "billing/postgres"}})
            .status,
        200);
}

}  // namespace
}  // namespace onceward::cli
