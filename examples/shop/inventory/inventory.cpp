/// @file
/// The stock of the shop: reserves it for an order, releases it again, or ships it.
///
///   says   inventory: stock.reserved, stock.refused, stock.released
///   hears  orders: order.placed   payments: payment.declined   shipping: shipment.sent

#include <string>

#include "common/service.hpp"

namespace {

using nlohmann::json;
using onceward::handler_context;

bool take_from_shelf(pqxx::transaction_base& tx, const std::string& sku, int quantity) {
    const auto taken = tx.exec_params(
        "UPDATE stock SET available = available - $2, reserved = reserved + $2"
        " WHERE sku = $1 AND available >= $2",
        sku, quantity);
    return taken.affected_rows() == 1;
}

void reserve(handler_context& context, const std::string& order_id, const json& body) {
    const std::string sku = body.at("sku");
    const int quantity = body.at("quantity");
    const bool reserved = take_from_shelf(context.tx(), sku, quantity);

    context.tx().exec_params("INSERT INTO reservation VALUES ($1, $2, $3, $4)", order_id, sku,
                             quantity, reserved ? "reserved" : "refused");
    context.emit(
        shop::event_of(order_id, "inventory", reserved ? "stock.reserved" : "stock.refused", body));
}

/// Ends the order's reservation: `release_sql` or `ship_sql` says where the goods go.
void end_reservation(pqxx::transaction_base& tx, const std::string& order_id, const char* state,
                     const char* stock_sql) {
    const auto ended = tx.exec_params(
        "UPDATE reservation SET state = $2 WHERE order_id = $1 RETURNING sku, quantity", order_id,
        state);
    if (ended.empty()) throw onceward::permanent_error("a reservation ends that was never made");
    tx.exec_params(stock_sql, ended[0][0].as<std::string>(), ended[0][1].as<int>());
}

void release(handler_context& context, const std::string& order_id, const json& body) {
    end_reservation(
        context.tx(), order_id, "released",
        "UPDATE stock SET reserved = reserved - $2, available = available + $2 WHERE sku = $1");
    context.emit(shop::event_of(order_id, "inventory", "stock.released", body));
}

void ship(handler_context& context, const std::string& order_id, const json&) {
    end_reservation(
        context.tx(), order_id, "shipped",
        "UPDATE stock SET reserved = reserved - $2, shipped = shipped + $2 WHERE sku = $1");
}

}  // namespace

int main(int argc, char** argv) {
    // One worker: orders of all partitions share the rows of `stock`, and two batches at once would
    // wait for each other's rows, in the worst case in a circle.
    return shop::run_service(argc, argv, "inventory", 1, [](shop::service& service) {
        service.show_order_by("SELECT * FROM reservation WHERE order_id = $1");
        service.show_stats_by(
            "SELECT sum(available) AS available, sum(reserved) AS reserved, sum(shipped) AS "
            "shipped FROM stock");

        service.on("orders", "order.placed", reserve);
        service.on("payments", "payment.declined", release);
        service.on("shipping", "shipment.sent", ship);
    });
}
