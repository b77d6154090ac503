#pragma once

/// @file
/// The `Idempotency-Key` header for servers on cpp-httplib. The one public header that needs it.

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <httplib.h>
#include <pqxx/connection>
#include <pqxx/transaction_base>

namespace onceward {

struct idempotency_options {
    std::string schema = "onceward";  ///< The schema that `onceward migrate` made.

    /// Answer 400 to a request without a key. Otherwise it is handled, and nothing is remembered.
    bool required = false;

    /// How long a request whose operation is in flight waits for its answer, at most a minute. It
    /// holds a thread of the server meanwhile, but no connection. 0: it is answered 409 at once.
    std::chrono::milliseconds wait{0};

    /// What 409 and 503 say in `Retry-After`.
    std::chrono::seconds retry_after{1};

    /// Request headers that belong to what is asked for, besides method, target and body.
    std::vector<std::string> request_headers = {"Content-Type"};

    /// Response headers that are stored and given again. Cookies and credentials do not belong
    /// here.
    std::vector<std::string> response_headers = {
        "Content-Type", "Content-Language", "ETag", "Last-Modified", "Link", "Location"};

    /// Who asks: a tenant or a user, as authenticated. Keys of different callers are different
    /// operations. Empty: all callers share their keys, and could be given each other's answers.
    std::function<std::string(const httplib::Request&)> caller{};
};

/// Handles each request that carries an `Idempotency-Key` once, and gives the stored response to
/// its repeats, marked by `Idempotent-Replayed: true`.
///
/// The response is stored in the handler's own transaction, next to business rows and events, so
/// that all of them exist or none. What repeats are told, as `application/problem+json`:
///
/// - 400: the key is malformed, or missing where it is required.
/// - 409 with `Retry-After`: the first request is still in flight.
/// - 415: multipart forms have no fingerprint here.
/// - 422: another request had the same key.
/// - 503 with `Retry-After`: a commit is in doubt and the database does not tell in time.
///
/// Responses of 500 and more, and 408, 425 and 429, say that it did not work now: their transaction
/// is rolled back and nothing is stored. All others are stored, refusals such as 404 too. When a
/// COMMIT loses its reply, the guard looks whether it took effect, and runs the handler again if
/// not.
///
/// @par Thread safety
/// All threads of a server may run one guard's handlers.
class idempotency_guard {
public:
    /// Calls its argument with an open connection that nobody else uses meanwhile. It lends at most
    /// one for a request at any time; waiting for a free one is its own affair. A connection that
    /// is no longer open when the call ends, or that an exception left, must not be lent again.
    using connections = std::function<void(const std::function<void(pqxx::connection&)>&)>;

    /// Handles a request in `tx`, which the guard commits. As an httplib handler, it sets the
    /// response, whose body must be there at its end: content providers cannot be stored. What it
    /// does apart from `tx` may happen again. Exceptions pass through; nothing is committed then.
    using handler = std::function<void(pqxx::transaction_base& tx, const httplib::Request& rq,
                                       httplib::Response& rs)>;

    /// @throws std::invalid_argument  An option is out of its range.
    explicit idempotency_guard(connections lend, idempotency_options options = {});

    /// A handler for httplib, which the guard has to outlive.
    /// @param endpoint  Names what is asked for, such as `POST /orders`: keys are unique within it
    ///                  and the caller. 1 to 100 characters, none of them `|`.
    /// @throws std::invalid_argument  It is no such name.
    httplib::Server::Handler protect(const std::string& endpoint, handler h);

private:
    void forget_old(pqxx::connection& c);

    connections lend_;
    idempotency_options options_;
    std::atomic<std::chrono::steady_clock::time_point> next_cleaning_;
};

}  // namespace onceward
