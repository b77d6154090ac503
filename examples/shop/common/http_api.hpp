#pragma once

/// @file
/// A small JSON API over HTTP, for this machine only.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <pqxx/transaction_base>

namespace shop {

class database;

struct request {
    std::vector<std::string> captures;  ///< What the groups of the route's pattern matched.
    std::string body;
};

struct reply {
    int status = 200;
    nlohmann::json body = nlohmann::json::object();
};

/// Serves JSON on 127.0.0.1.
///
/// Requests are answered by a few threads at once. A handler that throws std::invalid_argument or a
/// JSON error answers 400, any other exception 503: the client asks again.
class http_api {
public:
    using handler = std::function<reply(const request&)>;
    using handler_in = std::function<reply(pqxx::transaction_base& tx, const request&)>;

    /// @param db  For the handlers of `post_once`; it has to outlive this.
    explicit http_api(database& db);
    ~http_api();
    http_api(const http_api&) = delete;
    http_api& operator=(const http_api&) = delete;

    /// `pattern` is a regular expression for the whole path.
    void get(const std::string& pattern, handler h);
    void post(const std::string& pattern, handler h);

    /// As `post`, for a handler in a transaction. A request that carries an Idempotency-Key is
    /// handled once, and its repeats get the same answer.
    void post_once(const std::string& pattern, handler_in h);

    /// Starts to serve in threads of its own.
    /// @throws std::runtime_error  The port is taken.
    void start(int port);

    /// Answers what is under way and stops. Does nothing when it has not started.
    void stop();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace shop
