#include "onceward/idempotency_guard.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <pqxx/pqxx>

#include "idempotency/exchange.hpp"
#include "sql_literal.hpp"

namespace onceward {

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto wait_max = 60s;
constexpr auto retry_after_max = 3600s;
constexpr auto cleaning_pause = 1h;
constexpr std::size_t endpoint_bytes_max = 100;

void check(bool good, const char* what) {
    if (!good) throw std::invalid_argument(what);
}

}  // namespace

idempotency_guard::idempotency_guard(connections lend, idempotency_options options)
    : lend_(std::move(lend)), options_(std::move(options)), next_cleaning_(clock::now()) {
    check_schema_name(options_.schema, "idempotency_options.schema");
    check(static_cast<bool>(lend_), "idempotency_guard needs connections");
    check(options_.wait >= 0s && options_.wait <= wait_max,
          "idempotency_options.wait must be 0 to 60 seconds");
    check(options_.retry_after >= 0s && options_.retry_after <= retry_after_max,
          "idempotency_options.retry_after must be 0 to 3600 seconds");
}

httplib::Server::Handler idempotency_guard::protect(const std::string& endpoint, handler h) {
    check(!endpoint.empty() && endpoint.size() <= endpoint_bytes_max &&
              endpoint.find('|') == std::string::npos,
          "the name of a guarded endpoint must have 1 to 100 characters, none of them |");
    const std::function<void(pqxx::connection&)> afterwards = [this](pqxx::connection& c) {
        forget_old(c);
    };
    return [this, endpoint, h = std::move(h), afterwards](const httplib::Request& rq,
                                                          httplib::Response& rs) {
        idempotency::exchange({lend_, options_, endpoint, h, afterwards}, rq, rs).run();
    };
}

/// Now and then, gives back the disk space of answers that are not kept any more.
void idempotency_guard::forget_old(pqxx::connection& c) {
    auto due = next_cleaning_.load();
    const auto now = clock::now();
    if (now < due || !next_cleaning_.compare_exchange_strong(due, now + cleaning_pause)) return;
    try {
        pqxx::nontransaction tx(c);
        tx.exec(fmt::format("SELECT {}.operation_clean()", options_.schema));
    } catch (const pqxx::failure&) {
        // The request has its answer, and only disk space waits: for the next time.
    }
}

}  // namespace onceward
