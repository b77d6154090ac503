#pragma once

/// @file
/// One connection to the consumer's database, made when it is needed and again after it broke.

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <pqxx/connection>

namespace onceward::inbox_io {

/// `conninfo`, a libpq URI or key=value string, with those of our settings that it leaves open:
/// a name, a bound for connecting, keepalives that find a dead peer within about 25 s.
/// @throws std::invalid_argument  libpq does not understand it.
std::string bounded_conninfo(const std::string& conninfo, const std::string& consumer);

/// Not thread-safe but for `cancel`.
class session {
public:
    explicit session(std::string conninfo) : conninfo_(std::move(conninfo)) {}
    ~session() { drop(); }
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// The connection; a new one when there is none or the last one broke. A connection that
    /// breaks in use stays broken: it has lost its transaction and its locks.
    /// @throws pqxx::broken_connection  The server cannot be reached.
    pqxx::connection& get();

    /// Ends the connection; the server rolls back what was open.
    void drop();

    [[nodiscard]] bool open() const { return connection_ && connection_->is_open(); }

    /// Asks the server to give up the running statement. From any thread.
    void cancel() noexcept;

private:
    std::string conninfo_;
    std::mutex replacing_;  // of the connection, against `cancel`
    std::unique_ptr<pqxx::connection> connection_;
};

}  // namespace onceward::inbox_io
