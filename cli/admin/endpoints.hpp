#pragma once

/// @file
/// What the admin port serves.

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "admin/health.hpp"
#include "admin/metrics.hpp"
#include "admin/token.hpp"
#include "http/router.hpp"
#include "relay/setup.hpp"

namespace onceward::cli {

/// Where the endpoints get to know how things are. Thread-safe; the functions ask nobody.
struct admin_sources {
    std::function<std::vector<health_facts>()> health;
    std::function<metrics_facts()> metrics;
    std::function<std::vector<outbox_setup>()> outboxes;  ///< For database, schema and shard.
    std::optional<admin_token> token;                     ///< Empty: nothing can be changed.
};

class admin_endpoints {
public:
    explicit admin_endpoints(admin_sources from) : from_(std::move(from)) {}

    /// The routes; this must outlive them.
    std::vector<http::route> routes();

private:
    http::response status(const http::request& rq);
    http::handler handler_of(std::string_view path);
    http::handler guarded(http::handler serve);
    http::response pause(const http::request& rq);
    http::response resume(const http::request& rq);
    [[nodiscard]] std::optional<relay_options> meant(const http::request& rq) const;
    [[nodiscard]] http::response which() const;
    [[nodiscard]] std::optional<http::response> refused(const http::request& rq) const;

    admin_sources from_;
    std::mutex database_;  ///< One look into the database at a time, whatever is asked for.
};

}  // namespace onceward::cli
