#include "admin/admin_port.hpp"

#include <fmt/format.h>

#include "exit_code.hpp"
#include "pg/migrator.hpp"

namespace onceward::cli {

namespace {

/// A port that another program has may be free later: a supervisor should try again. Nothing else
/// mends itself.
[[noreturn]] void fail(const http::cannot_listen& why) {
    throw stop_with(why.is_taken() ? exit_unavailable : exit_config,
                    fmt::format("admin-listen: {}; choose another with --admin-listen, port 0 for "
                                "any that is free, or off",
                                why.what()));
}

}  // namespace

admin_port::admin_port(const admin_settings& settings, const relay_process& of, log::logger& out)
    : process_(of),
      endpoints_({.health = [this] { return health(); },
                  .metrics = [this] { return metrics(); },
                  .outboxes = [this] { return outboxes(); },
                  .token = settings.token}) {
    if (!settings.listen) return;
    try {
        server_ = std::make_unique<http::server>(
            *settings.listen, endpoints_.routes(), [&out](const std::string& what) {
                out.write(log::level::error, "an admin request failed", {{"what", what}});
            });
    } catch (const http::cannot_listen& e) {
        fail(e);
    }
    listening_ = server_.get();
    const http::listen_address at{.host = settings.listen->host, .port = server_->port()};
    out.write(log::level::info, "the admin port listens", {{"address", at.text()}});
}

std::vector<health_facts> admin_port::health() const {
    std::vector<health_facts> all;
    for (const auto& o : process_.outboxes()) {
        all.push_back({.outbox = o.setup.name, .relay = o.state, .checks_passed = o.checks_passed});
    }
    return all;
}

metrics_facts admin_port::metrics() const {
    const http::server* const s = listening_;
    metrics_facts facts{.version = ONCEWARD_VERSION,
                        .schema_version = pg::required_schema_version(),
                        .reloads = process_.reloads(),
                        .admin = s == nullptr ? http::server_counts{} : s->counts(),
                        .process = read_process_facts()};
    for (const auto& o : process_.outboxes()) {
        facts.outboxes.push_back({.label = o.setup.label(),
                                  .shard = o.setup.options.shard,
                                  .in_flight_bytes_max = o.setup.options.in_flight_bytes,
                                  .counts = o.counts,
                                  .state = o.state});
    }
    return facts;
}

std::vector<outbox_setup> admin_port::outboxes() const {
    std::vector<outbox_setup> all;
    for (auto& o : process_.outboxes()) all.push_back(std::move(o.setup));
    return all;
}

}  // namespace onceward::cli
