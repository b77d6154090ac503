#pragma once

/// @file
/// The events of the shop: JSON, keyed by the order's id.

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "onceward/event.hpp"
#include "onceward/handler.hpp"

namespace shop {

/// An event about one order. All events of an order have one key and so keep their order.
onceward::event event_of(const std::string& order_id, std::string topic, std::string type,
                         const nlohmann::json& payload);

/// What a service does when it hears of an order. `body` is the event's payload.
using order_handler = std::function<void(onceward::handler_context& context,
                                         const std::string& order_id, const nlohmann::json& body)>;

/// Makes an inbox handler of `h`: reads the payload, and tells the ledger's triggers which order
/// and which event the effects belong to. A payload that is not JSON stops the partition.
onceward::handler handling(order_handler h);

}  // namespace shop
