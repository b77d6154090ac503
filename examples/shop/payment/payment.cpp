/// @file
/// The till of the shop: takes the money for what is reserved, if the account has it.
///
///   says   payments: payment.captured, payment.declined, payment.waived
///   hears  inventory: stock.reserved, stock.refused

#include <cstdint>
#include <string>

#include "common/service.hpp"

namespace {

using nlohmann::json;
using onceward::handler_context;

bool take_from_account(pqxx::transaction_base& tx, const std::string& account,
                       std::int64_t amount) {
    const auto taken = tx.exec_params(
        "UPDATE account SET balance = balance - $2 WHERE account = $1 AND balance >= $2", account,
        amount);
    return taken.affected_rows() == 1;
}

void record(handler_context& context, const std::string& order_id, const json& body,
            const std::string& state) {
    context.tx().exec_params("INSERT INTO payment VALUES ($1, $2, $3, $4)", order_id,
                             body.at("account").get<std::string>(),
                             body.at("amount").get<std::int64_t>(), state);
    context.emit(shop::event_of(order_id, "payments", "payment." + state, body));
}

void capture(handler_context& context, const std::string& order_id, const json& body) {
    const bool captured = take_from_account(context.tx(), body.at("account"), body.at("amount"));
    record(context, order_id, body, captured ? "captured" : "declined");
}

/// Nothing was reserved, so nothing will be taken.
void waive(handler_context& context, const std::string& order_id, const json& body) {
    record(context, order_id, body, "waived");
}

}  // namespace

int main(int argc, char** argv) {
    // One worker: orders of all partitions share the rows of `account`, as those of the stock.
    return shop::run_service(argc, argv, "payment", 1, [](shop::service& service) {
        service.show_order_by("SELECT * FROM payment WHERE order_id = $1");
        service.show_stats_by(
            "SELECT count(*) FILTER (WHERE state = 'captured') AS captured,"
            " count(*) FILTER (WHERE state = 'declined') AS declined FROM payment");

        service.on("inventory", "stock.reserved", capture);
        service.on("inventory", "stock.refused", waive);
    });
}
