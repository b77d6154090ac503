/// @file
/// How a service tests its events and handlers: the code of docs/testing.md.

#include <string>

#include <gtest/gtest.h>

#include "onceward/testing/handler_harness.hpp"
#include "onceward/testing/recorder.hpp"
#include "support/test_database.hpp"

namespace {

using onceward::testing::outcome;

std::string private_database() {
    return onceward::test::empty_database();
}

// [decide]
// Decides, and knows neither a database nor Kafka: events go wherever `out` puts them.
void answer(const std::string& order, int wanted, int in_stock, onceward::event_sink& out) {
    const bool enough = wanted <= in_stock;
    out.emit({.topic = "stock",
              .key = order,
              .type = enough ? "stock.reserved" : "stock.refused",
              .payload = std::to_string(wanted),
              .content_type = "text/plain"});
}
// [/decide]

// [recorder]
TEST(Stock, RefusesMoreThanThereIs) {
    onceward::testing::recorder out;

    answer("order-7", /*wanted=*/3, /*in_stock=*/2, out);

    ASSERT_EQ(out.events().size(), 1U);
    EXPECT_EQ(out.events()[0].type, "stock.refused");
}
// [/recorder]

// [handler]
void on_placed(onceward::handler_context& context, const onceward::message& m) {
    const int wanted = std::stoi(m.payload.value());
    if (wanted <= 0) throw onceward::permanent_error("an order of nothing");

    auto& tx = context.tx();
    const int in_stock = tx.exec("SELECT pieces FROM stock FOR UPDATE")[0][0].as<int>();
    if (wanted <= in_stock) tx.exec("UPDATE stock SET pieces = pieces - " + std::to_string(wanted));
    answer(m.key.value(), wanted, in_stock, context);
}
// [/handler]

// [harness]
class StockHandler : public ::testing::Test {
protected:
    StockHandler() {
        inbox.on("orders", "order.placed", on_placed);
        inbox.tx().exec("CREATE TABLE stock AS SELECT 5 AS pieces");
    }

    static onceward::message order(const std::string& pieces) {
        return {.topic = "orders",
                .id = onceward::new_message_id(),
                .key = "order-7",
                .type = "order.placed",
                .payload = pieces};
    }

    pqxx::connection database{private_database()};
    onceward::testing::handler_harness inbox{database};
};

TEST_F(StockHandler, TakesAnOrderOnce) {
    const auto three = order("3");

    const auto first = inbox.deliver(three);
    const auto again = inbox.deliver(three);

    EXPECT_EQ(first.what, outcome::applied);
    EXPECT_EQ(first.emitted.at(0).type, "stock.reserved");
    EXPECT_EQ(first.emitted.at(0).causation_id, three.id.to_string());
    EXPECT_EQ(again.what, outcome::duplicate);
    EXPECT_EQ(inbox.tx().exec("SELECT pieces FROM stock")[0][0].as<int>(), 2);
}

TEST_F(StockHandler, RefusesAnOrderOfNothing) {
    const auto done = inbox.deliver(order("0"));

    EXPECT_EQ(done.what, outcome::refused);  // a dead letter, or the end of its partition
    EXPECT_NE(done.reason.find("an order of nothing"), std::string::npos);
    EXPECT_TRUE(done.emitted.empty());
}
// [/harness]

}  // namespace
