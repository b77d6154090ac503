#include "kafka/running_ledger.hpp"

#include <cstdio>
#include <exception>

#include "support/test_database.hpp"

namespace onceward::test {

namespace {

constexpr const char* make_ledger =
    "CREATE TABLE IF NOT EXISTS ledger (n bigserial PRIMARY KEY, id uuid NOT NULL, key text NOT "
    "NULL, "
    "payload text NOT NULL)";

void enter(handler_context& context, const message& m) {
    auto& tx = context.tx();
    tx.exec("INSERT INTO ledger (id, key, payload) VALUES (" + tx.quote(m.id.to_string()) + ", " +
            tx.quote(m.key.value_or("")) + ", " + tx.quote(m.payload.value_or("")) + ")");
}

}  // namespace

inbox_options quick_inbox(const std::string& database, const std::string& brokers) {
    inbox_options o;
    o.consumer = "ledger";
    o.database = database;
    o.brokers = brokers;
    o.session_timeout = std::chrono::milliseconds{6'000};
    return o;
}

running_ledger::running_ledger(const inbox_options& options, const std::string& topic)
    : inbox_(options) {
    auto c = connect(options.database);
    value_of(c, make_ledger);
    inbox_.on_other(topic, enter);
    thread_ = std::jthread([this](std::stop_token stop) {
        try {
            inbox_.run(std::move(stop));
        } catch (const std::exception& e) {
            std::fprintf(stderr, "the inbox ended: %s\n", e.what());
        }
    });
}

void running_ledger::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

}  // namespace onceward::test
