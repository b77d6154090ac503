#include "common/messages.hpp"

#include <utility>

namespace shop {

onceward::event event_of(const std::string& order_id, std::string topic, std::string type,
                         const nlohmann::json& payload) {
    return {.topic = std::move(topic),
            .key = order_id,
            .type = std::move(type),
            .payload = payload.dump(),
            .content_type = "application/json"};
}

onceward::handler handling(order_handler h) {
    return [h = std::move(h)](onceward::handler_context& context, const onceward::message& m) {
        const auto body = nlohmann::json::parse(m.payload.value());
        const std::string& order_id = m.key.value();
        context.tx().exec_params(
            "SELECT set_config('shop.order_id', $1, true), set_config('shop.event_id', $2, true)",
            order_id, m.id.to_string());
        h(context, order_id, body);
    };
}

}  // namespace shop
