#include "inbox/io/session.hpp"

#include <map>
#include <stdexcept>

#include <libpq-fe.h>
#include <pqxx/errorhandler>

#include "pg/pqxx_compat.hpp"

namespace onceward::inbox_io {

namespace {

struct free_options {
    void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};

std::string quoted(const std::string& value) {
    std::string out = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::map<std::string, std::string> parsed(const std::string& conninfo) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, free_options> options{
        PQconninfoParse(conninfo.c_str(), &error)};
    const std::unique_ptr<char, decltype(&PQfreemem)> message{error, &PQfreemem};
    if (!options) {
        // libpq's text quotes the string, which may hold a password.
        throw std::invalid_argument(
            "inbox_options.database is no libpq URI or key=value string; an example is "
            "postgresql://user@host/database");
    }
    std::map<std::string, std::string> values;
    for (auto* o = options.get(); o->keyword != nullptr; ++o) {
        if (o->val != nullptr) values[o->keyword] = o->val;
    }
    return values;
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
    std::string out;
    for (const auto& [keyword, value] : values) out += keyword + "=" + quoted(value) + " ";
    return out;
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
