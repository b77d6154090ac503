/// @file
/// The parcels of the shop: keeps each order's newest address, sends what is paid.
///
///   says   shipping: shipment.sent
///   hears  orders: order.placed, order.addressed, order.closed   payments: payment.captured

#include <string>

#include "common/service.hpp"

namespace {

using nlohmann::json;
using onceward::handler_context;

/// No check that `version` grows: the events of one order come in its order.
void set_address(handler_context& context, const std::string& order_id, const json& body) {
    context.tx().exec_params(
        "INSERT INTO parcel (order_id, address, version) VALUES ($1, $2, $3)"
        " ON CONFLICT (order_id) DO UPDATE SET address = excluded.address, version = "
        "excluded.version",
        order_id, body.at("address").get<std::string>(), body.at("version").get<int>());
}

/// Two topics have no order between them: the payment may be heard of before the order.
void send(handler_context& context, const std::string& order_id, const json& body) {
    context.tx().exec_params(
        "INSERT INTO parcel (order_id, address, sent) VALUES ($1, $2, 1)"
        " ON CONFLICT (order_id) DO UPDATE SET sent = parcel.sent + 1",
        order_id, body.at("address").get<std::string>());
    context.emit(shop::event_of(order_id, "shipping", "shipment.sent", body));
}

void archive(handler_context& context, const std::string& order_id, const json& body) {
    context.tx().exec_params("UPDATE parcel SET outcome = $2, version = $3 WHERE order_id = $1",
                             order_id, body.at("outcome").get<std::string>(),
                             body.at("version").get<int>());
}

}  // namespace

int main(int argc, char** argv) {
    return shop::run_service(argc, argv, "shipping", 4, [](shop::service& service) {
        service.show_order_by("SELECT * FROM parcel WHERE order_id = $1");
        service.show_stats_by(
            "SELECT count(*) AS parcels, coalesce(sum(sent), 0) AS sent FROM parcel");

        service.on("orders", "order.placed", set_address);
        service.on("orders", "order.addressed", set_address);
        service.on("orders", "order.closed", archive);
        service.on("payments", "payment.captured", send);
    });
}
