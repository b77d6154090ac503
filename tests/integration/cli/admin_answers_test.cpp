// The table of the admin port's paths, against what the paths answer in every situation there is.

#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "admin/endpoints.hpp"
#include "admin/routes.hpp"
#include "support/test_database.hpp"

namespace onceward::cli {
namespace {

using namespace std::chrono_literals;

const std::string token(32, 't');

/// What the relay around the endpoints is like.
struct situation {
    bool healthy = true;
    std::string database;
    std::int16_t shard = 0;
    bool has_token = true;
    std::string name{};  ///< Of several outboxes, which no request names.
};

admin_sources sources_of(const situation& s) {
    health_facts health{.checks_passed = s.healthy};
    health.relay.role = relay_role::leader;
    health.relay.tick_within = 1s;
    health.relay.since_tick = s.healthy ? 0s : 1h;
    health.relay.database.now = health.relay.kafka.now = relay_connection::reach::up;
    relay_options options;
    options.database = s.database;
    options.shard = s.shard;
    admin_sources from;
    from.health = [health] { return std::vector{health}; };
    from.metrics = [] { return metrics_facts{}; };
    from.outboxes = [outbox = outbox_setup{s.name, options}] { return std::vector{outbox}; };
    if (s.has_token) from.token.emplace(token);
    return from;
}

std::vector<http::request> requests() {
    http::request good;
    good.authorization = "Bearer " + token;
    good.content_type = "application/json";
    good.body = R"({"reason": "a test"})";
    auto nobody = good, form = good, empty = good;
    nobody.authorization = "Bearer wrong";
    form.content_type = "text/plain";
    empty.body = "{}";
    return {good, nobody, form, empty};
}

/// "POST /api/v1/pause" and the status codes that it was answered with.
std::map<std::string, std::set<int>> answers_in(const std::vector<situation>& all) {
    std::map<std::string, std::set<int>> seen;
    for (const auto& s : all) {
        admin_endpoints endpoints(sources_of(s));
        for (const auto& route : endpoints.routes())
            for (const auto& rq : requests())
                seen[route.method + ' ' + route.path].insert(route.serve(rq).status);
    }
    return seen;
}

std::map<std::string, std::set<int>> documented() {
    std::map<std::string, std::set<int>> all;
    for (const auto& r : admin_routes) {
        std::istringstream in{std::string(r.answers)};
        auto& codes = all[std::string(r.method) + ' ' + std::string(r.path)];
        for (std::string code; std::getline(in, code, ',');) codes.insert(std::stoi(code));
    }
    return all;
}

TEST(AdminRoutes, AnswerWithTheDocumentedStatusCodesAndNoOthers) {
    const std::string database = test::migrated_database();

    EXPECT_EQ(answers_in({{.database = database},
                          {.database = database, .shard = 7},
                          {.database = database, .has_token = false},
                          {.database = database, .name = "shop"},
                          {.healthy = false, .database = "host=/nonexistent"}}),
              documented());
}

TEST(AdminRoutes, WantTheTokenWhereTheTableSaysSoAndNowhereElse) {
    admin_endpoints endpoints(sources_of({.database = test::migrated_database()}));
    const auto routes = endpoints.routes();
    ASSERT_EQ(routes.size(), admin_routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i)
        EXPECT_EQ(routes[i].serve({}).status == 401, admin_routes[i].needs_token) << routes[i].path;
}

}  // namespace
}  // namespace onceward::cli
