#pragma once

/// @file
/// The admin port of a relay process, from its start to its end.

#include <atomic>
#include <memory>
#include <vector>

#include "admin/endpoints.hpp"
#include "admin/settings.hpp"
#include "http/server.hpp"
#include "log/logger.hpp"
#include "relay/process.hpp"

namespace onceward::cli {

class admin_port {
public:
    /// Serves from now on, unless it is off. The arguments must outlive this.
    /// @throws stop_with  The address cannot be listened on.
    admin_port(const admin_settings& settings, const relay_process& of, log::logger& out);

private:
    [[nodiscard]] std::vector<health_facts> health() const;
    [[nodiscard]] metrics_facts metrics() const;
    [[nodiscard]] std::vector<outbox_setup> outboxes() const;

    const relay_process& process_;
    admin_endpoints endpoints_;
    std::atomic<const http::server*> listening_{nullptr};
    std::unique_ptr<http::server> server_;  // last: it uses all of the above
};

}  // namespace onceward::cli
