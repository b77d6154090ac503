/// @file
/// The front of the shop: takes orders and changes of address, and hears how each order ends.
///
///   POST /orders               {"account", "sku", "quantity", "amount", "address"}, and "id" by
///   choice POST /orders/{id}/address  {"address"}
///
///   says   orders: order.placed, order.addressed, order.closed
///   hears  payments: payment.waived   inventory: stock.released   shipping: shipment.sent

#include <cstdint>
#include <stdexcept>
#include <string>

#include "common/service.hpp"

namespace {

using nlohmann::json;

struct order {
    std::string id, account, sku, address;
    int quantity = 0;
    std::int64_t amount = 0;  ///< Cents.
};

void require(bool good, const char* what) {
    if (!good) throw std::invalid_argument(what);
}

bool is_name(const std::string& s) {
    return !s.empty() && s.size() <= 64 &&
           s.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") ==
               std::string::npos;
}

std::string address_of(const json& body) {
    auto address = body.at("address").get<std::string>();
    require(!address.empty() && address.size() <= 200, "address has 1 to 200 bytes");
    return address;
}

order order_of(const json& body) {
    order o{.id = body.value("id", onceward::new_message_id().to_string()),
            .account = body.at("account"),
            .sku = body.at("sku"),
            .address = address_of(body),
            .quantity = body.at("quantity"),
            .amount = body.at("amount")};
    require(is_name(o.id), "id has 1 to 64 letters, digits and hyphens");
    require(is_name(o.account) && is_name(o.sku),
            "account and sku have 1 to 64 letters, digits and hyphens");
    require(o.quantity > 0 && o.quantity <= 1000, "quantity is 1 to 1000");
    require(o.amount > 0 && o.amount <= 100'000'000, "amount is 1 to 100000000 cents");
    return o;
}

/// @return Whether the order is new.
bool insert(pqxx::transaction_base& tx, const order& o) {
    const auto inserted = tx.exec_params(
        "INSERT INTO orders (order_id, account, sku, quantity, amount, address)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        o.id, o.account, o.sku, o.quantity, o.amount, o.address);
    return inserted.affected_rows() == 1;
}

bool same_as_stored(pqxx::transaction_base& tx, const order& o) {
    const auto row = tx.exec_params(
        "SELECT (account, sku, quantity, amount) = ($2, $3, $4, $5) FROM orders WHERE order_id = "
        "$1",
        o.id, o.account, o.sku, o.quantity, o.amount);
    return row[0][0].as<bool>();
}

/// Runs once for each Idempotency-Key: a client that got no answer asks again under the same one.
/// An order whose id the client has chosen is found again by that, too.
shop::reply place(const onceward::outbox& outbox, pqxx::transaction_base& tx,
                  const shop::request& rq) {
    const order o = order_of(json::parse(rq.body));
    if (!insert(tx, o)) return {same_as_stored(tx, o) ? 200 : 409, {{"id", o.id}}};
    outbox.add(tx, shop::event_of(o.id, "orders", "order.placed",
                                  {{"version", 1},
                                   {"account", o.account},
                                   {"sku", o.sku},
                                   {"quantity", o.quantity},
                                   {"amount", o.amount},
                                   {"address", o.address}}));
    return {201, {{"id", o.id}}};
}

/// The UPDATE holds the order's row, so that the events of one order are added in the order of
/// their versions, however many clients change it at once.
shop::reply change_address(shop::service& service, const shop::request& rq) {
    const std::string& id = rq.captures.front();
    const std::string address = address_of(json::parse(rq.body));
    shop::reply answer{200, {{"id", id}}};

    service.db().transaction([&](pqxx::work& tx) {
        const auto changed = tx.exec_params(
            "UPDATE orders SET address = $2, version = version + 1"
            " WHERE order_id = $1 AND status = 'placed' RETURNING version",
            id, address);
        if (changed.empty()) {
            answer = {409, {{"error", "no such order, or it is closed"}}};
            return;
        }
        service.outbox().add(
            tx, shop::event_of(id, "orders", "order.addressed",
                               {{"version", changed[0][0].as<int>()}, {"address", address}}));
    });
    return answer;
}

/// What to do when the order has ended as `outcome`.
shop::order_handler close_as(const std::string& outcome) {
    return [outcome](onceward::handler_context& context, const std::string& id, const json&) {
        const auto closed = context.tx().exec_params(
            "UPDATE orders SET status = $2, version = version + 1 WHERE order_id = $1 RETURNING "
            "version",
            id, outcome);
        if (closed.empty()) throw onceward::permanent_error("an order ended that was never placed");
        context.emit(shop::event_of(id, "orders", "order.closed",
                                    {{"version", closed[0][0].as<int>()}, {"outcome", outcome}}));
    };
}

}  // namespace

int main(int argc, char** argv) {
    return shop::run_service(argc, argv, "orders", 4, [](shop::service& service) {
        service.api().post_once(
            "/orders", [&](auto& tx, const auto& rq) { return place(service.outbox(), tx, rq); });
        service.api().post("/orders/([A-Za-z0-9-]{1,64})/address",
                           [&](const auto& rq) { return change_address(service, rq); });
        service.show_order_by("SELECT * FROM orders WHERE order_id = $1");
        service.show_stats_by(
            "SELECT count(*) AS orders, count(*) FILTER (WHERE status = 'placed') AS open FROM "
            "orders");

        service.on("shipping", "shipment.sent", close_as("shipped"));
        service.on("payments", "payment.waived", close_as("refused"));
        service.on("inventory", "stock.released", close_as("declined"));
    });
}
