#pragma once

/// @file
/// libpq with binary results, single rows and COPY: what libpqxx does not offer and the relay's
/// read path needs. The relay, the cli and the tests use it; a service's own code uses libpqxx.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <libpq-fe.h>

#include "onceward/result.hpp"
#include "pg/handles.hpp"
#include "pg/row.hpp"
#include "pg/settings.hpp"

namespace onceward::pg {

/// One value of a row in text format; null when the database says so.
using text_value = std::optional<std::string>;

/// A small result, in text format.
class rows {
public:
    explicit rows(result_handle r) : r_(std::move(r)) {}

    [[nodiscard]] int size() const { return PQntuples(r_.get()); }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] bool is_null(int row, int column) const;
    [[nodiscard]] std::string_view text(int row, int column) const;
    [[nodiscard]] text_value optional_text(int row, int column) const;
    /// 0 when the text is not a number; the caller selects a number.
    [[nodiscard]] std::int64_t integer(int row, int column) const;
    [[nodiscard]] bool boolean(int row, int column) const { return text(row, column) == "t"; }
    /// Rows that an INSERT, UPDATE or DELETE touched.
    [[nodiscard]] std::int64_t affected() const;

private:
    result_handle r_;
};

/// One session. Not thread-safe. Every wait is bounded by `statement_timeout`, which its user sets,
/// plus the connection's TCP keepalives.
///
/// Behind a pooler it is no session of the server: each transaction may get another one. Then the
/// settings go with each transaction, and nothing is prepared.
class connection {
public:
    /// Opens a session; `conninfo` is a libpq URI or key=value string, empty for PG* variables.
    /// @param wanted  In force for all that is run here, and for nobody else.
    static result<connection> open(const std::string& conninfo, const settings& wanted = {});

    /// Puts more settings in force; outside of transactions.
    result<done> set(const settings& more);

    /// Whether a pooler such as PgBouncer stands before the server, in whatever mode.
    [[nodiscard]] bool pooled() const { return pooled_; }

    /// Opens a session that takes replication commands, and statements without parameters.
    static result<connection> open_for_replication(const std::string& conninfo);

    /// Runs one statement with text parameters.
    result<rows> exec(const char* sql, std::span<const text_value> params = {});
    result<rows> exec(const std::string& sql, std::initializer_list<text_value> params) {
        return exec(sql.c_str(), std::span(params.begin(), params.size()));
    }

    /// Runs one statement or replication command without parameters.
    result<rows> command(const std::string& sql);

    /// Runs a script of several statements in one implicit transaction.
    result<done> script(const std::string& sql);

    /// Runs a statement, prepared at first use under `name` unless pooled, and hands over its rows
    /// in binary format one by one as they arrive. When `take` says no, the statement is cancelled.
    result<done> stream(const char* name, const std::string& sql,
                        std::span<const text_value> params, const row_taker& take);

    /// Runs `COPY (query) TO STDOUT (FORMAT binary)` and hands over its rows as `stream` does.
    result<done> copy_out(const std::string& query, const row_taker& take);

    [[nodiscard]] int server_version() const { return PQserverVersion(conn_.get()); }
    [[nodiscard]] bool broken() const { return !conn_ || PQstatus(conn_.get()) != CONNECTION_OK; }
    [[nodiscard]] PGconn* native() { return conn_.get(); }
    /// What `r`, or the connection where there is none, says is wrong.
    failure error(const PGresult* r) const;

private:
    explicit connection(conn_handle c) : conn_(std::move(c)) {}
    static result<connection> connect(const std::string& conninfo, const char* replication);
    result<done> look_for_pooler();
    [[nodiscard]] bool must_settle() const;
    result<done> prepare(const char* name, const std::string& sql);
    result<done> take_rows(const row_taker& take);
    void cancel_and_drain();

    conn_handle conn_;
    bool pooled_ = false;
    settings settings_;
    std::string for_transaction_;  ///< The settings as a statement, where pooled.
    std::vector<std::string> prepared_;
};

/// `name` as an SQL identifier of ours.
/// @throws std::invalid_argument  It is not `[a-z_][a-z0-9_]{0,62}`.
const std::string& checked_identifier(const std::string& name);

/// `sql`, written for the schema `onceward`, for another schema.
std::string for_schema(std::string_view sql, const std::string& schema);

}  // namespace onceward::pg
