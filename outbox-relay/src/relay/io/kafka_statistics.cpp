#include "relay/io/kafka_statistics.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace onceward::relay_core {

namespace {

using nlohmann::json;

/// As many as have series of their own: metrics must stay few in the largest cluster.
constexpr std::size_t brokers_max = 64;

/// A number, 0 where there is none.
double number(const json& in, const char* name) {
    const auto at = in.find(name);
    return at != in.end() && at->is_number() ? at->get<double>() : 0;
}

std::uint64_t count(const json& in, const char* name) {
    return static_cast<std::uint64_t>(std::max(number(in, name), 0.0));
}

/// A percentile of a window, such as `"rtt": {"p99": 1200}`.
double percentile(const json& in, const char* name) {
    const auto at = in.find(name);
    return at != in.end() && at->is_object() ? number(*at, "p99") : 0;
}

relay_connection reach_of(const json& brokers) {
    const bool reached = std::ranges::any_of(brokers, [](const auto& b) {
        const auto state = b.find("state");
        return b.is_object() && state != b.end() && *state == "UP";
    });
    if (reached) return {.now = relay_connection::reach::up};
    return {.now = relay_connection::reach::down,
            .trouble = "no broker can be reached; publishing goes on when one is back"};
}

/// An address that was only a way into the cluster is no broker, and has no number.
std::vector<relay_kafka::broker> brokers_of(const json& brokers) {
    std::vector<relay_kafka::broker> all;
    for (const auto& b : brokers) {
        if (!b.is_object() || !b.contains("nodeid") || number(b, "nodeid") < 0) continue;
        all.push_back({.id = static_cast<std::int64_t>(number(b, "nodeid")),
                       .rtt_s = percentile(b, "rtt") / 1e6,
                       .throttle_s = percentile(b, "throttle") / 1e3,
                       .requests = count(b, "tx"),
                       .retries = count(b, "txretries"),
                       .errors = count(b, "txerrs") + count(b, "req_timeouts")});
    }
    std::ranges::sort(all, {}, &relay_kafka::broker::id);
    if (all.size() > brokers_max) all.resize(brokers_max);
    return all;
}

}  // namespace

kafka_look read_statistics(std::string_view statistics) {
    const auto all = json::parse(statistics, nullptr, /*allow_exceptions=*/false);
    if (!all.is_object()) return {};
    const auto brokers = all.find("brokers");
    if (brokers == all.end() || !brokers->is_object()) return {};
    return {.reach = reach_of(*brokers),
            .figures = relay_kafka{.queue_messages = count(all, "msg_cnt"),
                                   .queue_bytes = count(all, "msg_size"),
                                   .brokers = brokers_of(*brokers)}};
}

}  // namespace onceward::relay_core
