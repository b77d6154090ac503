#include "admin/health.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace onceward::cli {

namespace {

using reach = relay_connection::reach;

health_check loop_check(const relay_state& s) {
    if (s.alive()) return {.name = "loop"};
    return {.name = "loop",
            .passed = false,
            .reason = fmt::format("the relay's loop has not gone round for {} s",
                                  s.since_tick.count() / 1000),
            .remedy = "it hangs, which is a bug; restart it, nothing is lost"};
}

health_check schema_check(const health_facts& f) {
    if (f.checks_passed) return {.name = "schema"};
    return {.name = "schema",
            .passed = false,
            .reason =
                f.relay.reason.empty() ? "the checks at start are not through yet" : f.relay.reason,
            .remedy = "wait; what they refuse stands in the log"};
}

health_check postgres_check(const relay_state& s) {
    if (s.database.now == reach::up) return {.name = "postgres"};
    const bool tried = s.database.now == reach::down;
    return {.name = "postgres",
            .passed = false,
            .reason = tried ? s.database.trouble : "not connected yet",
            .remedy = "check the server and the network; the relay tries again by itself"};
}

/// Unknown is no failure: a standby has no producer, and a new leader's is still connecting.
health_check kafka_check(const relay_state& s) {
    if (s.kafka.now != reach::down) return {.name = "kafka"};
    return {.name = "kafka",
            .passed = false,
            .reason = s.kafka.trouble,
            .remedy = "check --brokers and the network; events wait in the outbox meanwhile"};
}

health_check shard_check(const relay_state& s) {
    if (s.role != relay_role::stopped) return {.name = "shard"};
    return {.name = "shard",
            .passed = false,
            .reason = s.reason,
            .remedy = "remove the reason, then restart the relay; nothing is skipped"};
}

/// Texts that servers wrote: one line each.
std::string line_of(const health_check& c) {
    if (c.passed) return fmt::format("[+]{} ok\n", c.name);
    std::string text = fmt::format("[-]{} failed: {} -> {}", c.name, c.reason, c.remedy);
    std::ranges::replace_if(
        text, [](char x) { return static_cast<unsigned char>(x) < 0x20; }, ' ');
    return text + '\n';
}

/// @return The first name that is no check's.
std::string leave_out(std::vector<health_check>& checks,
                      const std::multimap<std::string, std::string>& query) {
    const auto [begin, end] = query.equal_range("exclude");
    for (auto it = begin; it != end; ++it) {
        const auto gone =
            std::erase_if(checks, [&](const auto& c) { return c.name == it->second; });
        if (gone == 0) return it->second;
    }
    return "";
}

}  // namespace

std::vector<health_check> liveness(const health_facts& f) {
    return {loop_check(f.relay)};
}

std::vector<health_check> readiness(const health_facts& f) {
    return {loop_check(f.relay), schema_check(f), postgres_check(f.relay), kafka_check(f.relay),
            shard_check(f.relay)};
}

std::vector<health_check> startup(const health_facts& f) {
    return {schema_check(f)};
}

std::vector<health_check> checks_of(std::vector<health_check> (*of)(const health_facts&),
                                    const std::vector<health_facts>& all) {
    std::vector<health_check> checks;
    for (const auto& f : all) {
        for (auto& c : of(f)) {
            if (!f.outbox.empty()) c.name = f.outbox + '/' + c.name;
            checks.push_back(std::move(c));
        }
    }
    return checks;
}

http::response health_response(std::vector<health_check> checks,
                               const std::multimap<std::string, std::string>& query) {
    if (const auto unknown = leave_out(checks, query); !unknown.empty())
        return {.status = 400, .body = "exclude names no check that there is\n"};
    const bool well = std::ranges::all_of(checks, &health_check::passed);
    const bool verbose = query.contains("verbose");
    std::string body;
    for (const auto& c : checks) {
        if (verbose || !c.passed) body += line_of(c);
    }
    return {.status = well ? 200 : 503, .body = body + (well ? "ok\n" : "not ok\n")};
}

}  // namespace onceward::cli
