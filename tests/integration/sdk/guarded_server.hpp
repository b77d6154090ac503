#pragma once

/// @file
/// An HTTP server with guarded endpoints, over a small pool of connections, and clients for it.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "onceward/idempotency_guard.hpp"

namespace onceward::test {

/// Lends connections, waiting for a free one. Notes when somebody takes two at a time.
class small_pool {
public:
    small_pool(std::string conninfo, int connections)
        : conninfo_(std::move(conninfo)), free_(connections) {}

    void lend(const std::function<void(pqxx::connection&)>& use);

    [[nodiscard]] bool lent_two_to_one() const { return lent_two_to_one_; }

private:
    std::unique_ptr<pqxx::connection> take();

    std::string conninfo_;
    std::counting_semaphore<> free_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<pqxx::connection>> idle_;
    std::atomic<bool> lent_two_to_one_{false};
};

/// Serves `POST /refunds` by `handle` and `POST /payouts` likewise, guarded, until it is destroyed.
class guarded_server {
public:
    guarded_server(const std::string& conninfo, idempotency_guard::handler handle,
                   idempotency_options options = {}, int connections = 2);
    ~guarded_server();
    guarded_server(const guarded_server&) = delete;
    guarded_server& operator=(const guarded_server&) = delete;

    /// One request, sent again until there is an answer: a server on cpp-httplib has a short
    /// backlog.
    httplib::Response post(const std::string& key, const std::string& body = "{}",
                           const std::string& target = "/refunds",
                           const httplib::Headers& more = {}) const;

    small_pool pool;

private:
    idempotency_guard guard_;
    httplib::Server server_;
    int port_;
    std::jthread serving_;
};

/// The answers to `count` equal requests at the same time, each asked by `ask` in its own thread.
std::vector<httplib::Response> at_once(int count, const std::function<httplib::Response()>& ask);

}  // namespace onceward::test
