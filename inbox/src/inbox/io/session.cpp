#include "inbox/io/session.hpp"

#include <stdexcept>

#include <pqxx/errorhandler>

#include "pg/conninfo.hpp"
#include "pg/pqxx_compat.hpp"

namespace onceward::inbox_io {

namespace {

pg::conninfo_parameters parsed(const std::string& conninfo) {
    if (auto values = pg::parse_conninfo(conninfo)) return *std::move(values);
    throw std::invalid_argument(
        "inbox_options.database is no libpq URI or key=value string; an example is "
        "postgresql://user@host/database");
}

}  // namespace

std::string bounded_conninfo(const std::string& conninfo, const std::string& consumer) {
    auto values = parsed(conninfo);
    values.emplace("application_name", "onceward-inbox " + consumer);
    values.emplace("connect_timeout", "5");
    values.emplace("keepalives_idle", "10");
    values.emplace("keepalives_interval", "5");
    values.emplace("keepalives_count", "3");
    values.emplace("tcp_user_timeout", "20000");
    return pg::conninfo_of(values);
}

pqxx::connection& session::get() {
    if (open()) return *connection_;
    drop();
    auto fresh = std::make_unique<pqxx::connection>(conninfo_);
    pqxx_compat::no_silent_reconnect(*fresh);
    const std::lock_guard lock(replacing_);
    connection_ = std::move(fresh);
    return *connection_;
}

void session::drop() {
    const std::lock_guard lock(replacing_);
    connection_.reset();
}

void session::cancel() noexcept {
    const std::lock_guard lock(replacing_);
    try {
        if (connection_) connection_->cancel_query();
    } catch (const std::exception&) {
        // It has ended by itself, or the server is gone: then nothing is left to cancel.
    }
}

}  // namespace onceward::inbox_io
