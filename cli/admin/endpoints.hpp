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
#include "onceward/relay.hpp"

namespace onceward::cli {

/// Where the endpoints get to know how things are. Thread-safe; the functions ask nobody.
struct admin_sources {
    std::function<health_facts()> health;
    std::function<metrics_facts()> metrics;
    std::function<relay_options()> options;  ///< For its database, schema and shard.
    std::optional<admin_token> token;        ///< Empty: nothing can be changed.
};

class admin_endpoints {
public:
    explicit admin_endpoints(admin_sources from) : from_(std::move(from)) {}

    /// The routes; this must outlive them.
    std::vector<http::route> routes();

private:
    http::response status();
    http::handler handler_of(std::string_view path);
    http::handler guarded(http::handler serve);
    http::response pause(const std::string& body);
    http::response resume();
    [[nodiscard]] std::optional<http::response> refused(const http::request& rq) const;

    admin_sources from_;
    std::mutex database_;  ///< One look into the database at a time, whatever is asked for.
};

}  // namespace onceward::cli
