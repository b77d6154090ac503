#include "relay/io/kafka_reach.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace onceward::relay_core {

relay_connection kafka_reach(std::string_view statistics) {
    const auto all = nlohmann::json::parse(statistics, nullptr, /*allow_exceptions=*/false);
    if (!all.is_object()) return {};
    const auto brokers = all.find("brokers");
    if (brokers == all.end() || !brokers->is_object()) return {};
    const bool reached = std::ranges::any_of(
        *brokers, [](const auto& b) { return b.is_object() && b.value("state", "") == "UP"; });
    if (reached) return {.now = relay_connection::reach::up};
    return {.now = relay_connection::reach::down,
            .trouble = "no broker can be reached; publishing goes on when one is back"};
}

}  // namespace onceward::relay_core
