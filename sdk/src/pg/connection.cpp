#include "pg/connection.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "pg/copy_reader.hpp"
#include "pg/settled_statement.hpp"
#include "pg/verdict.hpp"

namespace onceward::pg {

namespace {

std::string trimmed(const char* text) {
    std::string s = text == nullptr ? "" : text;
    while (!s.empty() && (s.back() == '\n' || s.back() == ' ')) s.pop_back();
    return s;
}

bool is_success(const PGresult* r) {
    const auto status = PQresultStatus(r);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
           status == PGRES_SINGLE_TUPLE || status == PGRES_COPY_OUT;
}

std::vector<const char*> c_strings(std::span<const text_value> params) {
    std::vector<const char*> out;
    out.reserve(params.size());
    for (const auto& p : params) out.push_back(p ? p->c_str() : nullptr);
    return out;
}

/// What a connection that failed says, and what to do where a pooler is why.
std::string why_not_connected(const conn_handle& c) {
    if (!c) return "out of memory";
    std::string why = trimmed(PQerrorMessage(c.get()));
    if (why.find("unsupported startup parameter: replication") != std::string::npos)
        return why + "; a pooler cannot replicate: connect to the server itself";
    if (why.find("unsupported startup parameter") != std::string::npos) {
        why +=
            "; a pooler refuses it: take it out of the connection's string, or name it in "
            "ignore_startup_parameters of PgBouncer";
    }
    return why;
}

}  // namespace

bool rows::is_null(int row, int column) const {
    return PQgetisnull(r_.get(), row, column) != 0;
}

std::string_view rows::text(int row, int column) const {
    return {PQgetvalue(r_.get(), row, column),
            static_cast<std::size_t>(PQgetlength(r_.get(), row, column))};
}

text_value rows::optional_text(int row, int column) const {
    if (is_null(row, column)) return std::nullopt;
    return std::string(text(row, column));
}

std::int64_t rows::integer(int row, int column) const {
    return std::strtoll(PQgetvalue(r_.get(), row, column), nullptr, 10);
}

std::int64_t rows::affected() const {
    return std::strtoll(PQcmdTuples(r_.get()), nullptr, 10);
}

result<connection> connection::connect(const std::string& conninfo, const char* replication) {
    // What the caller's conninfo says wins over what stands before it.
    const char* keys[] = {"fallback_application_name",
                          "connect_timeout",
                          "keepalives_idle",
                          "tcp_user_timeout",
                          "dbname",
                          replication == nullptr ? nullptr : "replication",
                          nullptr};
    const char* values[] = {"onceward",       "10",        "30",   "30000",
                            conninfo.c_str(), replication, nullptr};
    conn_handle c(PQconnectdbParams(keys, values, /*expand_dbname=*/1));
    if (!c || PQstatus(c.get()) != CONNECTION_OK) {
        return failure{.next = verdict::transient,
                       .message = "cannot connect to PostgreSQL: " + why_not_connected(c),
                       .origin = "connect"};
    }
    // Notices would go to stderr, past the log.
    PQsetNoticeProcessor(
        c.get(), [](void*, const char*) {}, nullptr);
    return connection(std::move(c));
}

result<connection> connection::open(const std::string& conninfo, const settings& wanted) {
    auto made = connect(conninfo, nullptr);
    if (!made) return made;
    if (auto looked = made->look_for_pooler(); !looked) return looked.error();
    if (auto set = made->set(wanted); !set) return set.error();
    return made;
}

result<connection> connection::open_for_replication(const std::string& conninfo) {
    return connect(conninfo, "database");
}

/// A server names its own process when a client connects, to be cancelled by. A pooler cannot: it
/// does not know yet which server process will serve the client, and makes a number up.
result<done> connection::look_for_pooler() {
    auto served_by = exec("SELECT pg_catalog.pg_backend_pid()");
    if (!served_by) return served_by.error();
    pooled_ = served_by->integer(0, 0) != PQbackendPID(conn_.get());
    return done{};
}

result<done> connection::set(const settings& more) {
    settings_.insert(settings_.end(), more.begin(), more.end());
    if (more.empty()) return done{};
    if (!pooled_) return script(settings_sql(more, scope::session));
    for_transaction_ = settings_sql(settings_, scope::transaction);
    return done{};
}

/// Within a transaction the settings are in force since its first statement.
bool connection::must_settle() const {
    return !for_transaction_.empty() && PQtransactionStatus(conn_.get()) == PQTRANS_IDLE;
}

failure connection::error(const PGresult* r) const {
    const char* state = r == nullptr ? nullptr : PQresultErrorField(r, PG_DIAG_SQLSTATE);
    const std::string sqlstate = state == nullptr ? "" : state;
    const char* primary = r == nullptr ? nullptr : PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    return failure{.next = verdict_of(sqlstate),
                   .message = primary != nullptr ? primary : trimmed(PQerrorMessage(conn_.get())),
                   .origin = sqlstate.empty() ? "connection" : "sqlstate:" + sqlstate};
}

result<rows> connection::exec(const char* sql, std::span<const text_value> params) {
    const auto values = c_strings(params);
    if (!must_settle()) {
        result_handle r(PQexecParams(conn_.get(), sql, static_cast<int>(values.size()), nullptr,
                                     values.data(), nullptr, nullptr, /*resultFormat=*/0));
        if (!is_success(r.get())) return error(r.get());
        return rows(std::move(r));
    }
    result_handle r;
    settled_statement statement(conn_.get(), for_transaction_, sql, values, /*format=*/0);
    if (!statement.settled(r)) return error(r.get());
    r.reset(PQgetResult(conn_.get()));
    if (!is_success(r.get())) return error(r.get());
    return rows(std::move(r));
}

result<rows> connection::command(const std::string& sql) {
    result_handle r(PQexec(conn_.get(), sql.c_str()));
    if (!is_success(r.get())) return error(r.get());
    return rows(std::move(r));
}

result<done> connection::script(const std::string& sql) {
    const std::string all = must_settle() ? for_transaction_ + ';' + sql : sql;
    result_handle r(PQexec(conn_.get(), all.c_str()));
    if (!is_success(r.get())) return error(r.get());
    return done{};
}

result<done> connection::prepare(const char* name, const std::string& sql) {
    if (std::find(prepared_.begin(), prepared_.end(), name) != prepared_.end()) return done{};
    result_handle r(PQprepare(conn_.get(), name, sql.c_str(), 0, nullptr));
    if (!is_success(r.get())) return error(r.get());
    prepared_.emplace_back(name);
    return done{};
}

void connection::cancel_and_drain() {
    const std::unique_ptr<PGcancel, destroy_with<&PQfreeCancel>> cancel(PQgetCancel(conn_.get()));
    char why[256];
    if (cancel) static_cast<void>(PQcancel(cancel.get(), why, sizeof why));
    for (;;) {
        result_handle r(PQgetResult(conn_.get()));
        if (!r) return;
        if (PQresultStatus(r.get()) != PGRES_COPY_OUT) continue;
        char* data = nullptr;
        while (PQgetCopyData(conn_.get(), &data, 0) > 0) PQfreemem(data);
    }
}

result<done> connection::stream(const char* name, const std::string& sql,
                                std::span<const text_value> params, const row_taker& take) {
    const auto values = c_strings(params);
    if (must_settle()) {
        result_handle r;
        settled_statement statement(conn_.get(), for_transaction_, sql.c_str(), values,
                                    /*format=*/1);
        if (!statement.settled(r)) return error(r.get());
        return take_rows(take);
    }
    if (pooled_) {
        if (PQsendQueryParams(conn_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                              values.data(), nullptr, nullptr, /*resultFormat=*/1) == 0)
            return error(nullptr);
        return take_rows(take);
    }
    if (auto p = prepare(name, sql); !p) return p;
    if (PQsendQueryPrepared(conn_.get(), name, static_cast<int>(values.size()), values.data(),
                            nullptr, nullptr, /*resultFormat=*/1) == 0)
        return error(nullptr);
    return take_rows(take);
}

/// The rows of the statement that was sent last.
result<done> connection::take_rows(const row_taker& take) {
    if (PQsetSingleRowMode(conn_.get()) == 0) return error(nullptr);
    std::vector<binary_field> fields;
    result<done> outcome = done{};
    for (;;) {
        result_handle r(PQgetResult(conn_.get()));
        if (!r) return outcome;
        if (!is_success(r.get())) outcome = error(r.get());
        if (PQresultStatus(r.get()) != PGRES_SINGLE_TUPLE) continue;
        fields.clear();
        for (int i = 0; i < PQnfields(r.get()); ++i) {
            const bool null = PQgetisnull(r.get(), 0, i) != 0;
            fields.push_back({null ? nullptr : PQgetvalue(r.get(), 0, i),
                              static_cast<std::size_t>(PQgetlength(r.get(), 0, i))});
        }
        if (take(fields)) continue;
        cancel_and_drain();
        if (broken()) return error(nullptr);
        return done{};
    }
}

result<done> connection::copy_out(const std::string& query, const row_taker& take) {
    const std::string settled = must_settle() ? for_transaction_ + ';' : "";
    result_handle begin(
        PQexec(conn_.get(), (settled + "COPY (" + query + ") TO STDOUT (FORMAT binary)").c_str()));
    if (PQresultStatus(begin.get()) != PGRES_COPY_OUT) return error(begin.get());
    copy_reader reader;
    for (;;) {
        char* data = nullptr;
        const int size = PQgetCopyData(conn_.get(), &data, /*async=*/0);
        if (size < 0) break;
        const std::unique_ptr<char, destroy_with<&PQfreemem>> owner(data);
        bool wanted = true;
        if (!reader.take({data, static_cast<std::size_t>(size)}, take, wanted)) {
            cancel_and_drain();
            return failure{.next = verdict::fatal,
                           .message = "the server's COPY data does not have the binary format",
                           .origin = "copy"};
        }
        if (wanted) continue;
        cancel_and_drain();
        if (broken()) return error(nullptr);
        return done{};
    }
    result<done> outcome = done{};
    for (;;) {
        result_handle r(PQgetResult(conn_.get()));
        if (!r) return outcome;
        if (!is_success(r.get())) outcome = error(r.get());
    }
}

}  // namespace onceward::pg
