#include "inbox/io/options_check.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "inbox/io/consumer_config.hpp"
#include "inbox/io/session.hpp"
#include "pg/connection.hpp"

namespace onceward::inbox_io {

namespace {

void check_range(const char* name, long long value, long long least, long long most,
                 const char* unit) {
    if (value >= least && value <= most) return;
    throw std::invalid_argument(fmt::format("inbox_options.{} is {}, it must be {} to {}{}", name,
                                            value, least, most, unit));
}

void check_present(const char* name, const std::string& value, std::size_t bytes_max) {
    if (!value.empty() && value.size() <= bytes_max) return;
    throw std::invalid_argument(fmt::format("inbox_options.{} has {} bytes, it must have 1 to {}",
                                            name, value.size(), bytes_max));
}

void check_consumer_name(const std::string& name) {
    check_present("consumer", name, 249);
    for (const char c : name) {
        if (c > 0x20 && c < 0x7f) continue;
        throw std::invalid_argument(
            "inbox_options.consumer must be printable ASCII without spaces");
    }
}

}  // namespace

void check_options(const inbox_options& o) {
    check_consumer_name(o.consumer);
    check_present("brokers", o.brokers, 4096);
    check_range("batch_max", static_cast<long long>(o.batch_max), 1, 10'000, " messages");
    check_range("workers", static_cast<long long>(o.workers), 1, 64, "");
    check_range("window_days", o.window_days, 1, 365, " days");
    check_range("dead_letters_max", static_cast<long long>(o.dead_letters_max), 1, 1'000'000, "");
    check_range("retry_min", o.retry_min.count(), 1, 60'000, " ms");
    check_range("retry_max", o.retry_max.count(), o.retry_min.count(), 3'600'000, " ms");
    check_range("statement_timeout", o.statement_timeout.count(), 100, 3'600'000, " ms");
    check_range("stop_timeout", o.stop_timeout.count(), 100, 600'000, " ms");
    check_range("session_timeout", o.session_timeout.count(), 1'000, 1'800'000, " ms");
    pg::checked_identifier(o.schema);
    bounded_conninfo(o.database, o.consumer);
    if (const auto conf = consumer_config(o); !conf)
        throw std::invalid_argument(conf.error().message);
}

}  // namespace onceward::inbox_io
