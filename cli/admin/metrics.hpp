#pragma once

/// @file
/// The page of metrics. Pure: everything on it was counted or sampled before somebody asked.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/process_facts.hpp"
#include "http/server.hpp"
#include "onceward/relay.hpp"
#include "relay/process.hpp"

namespace onceward::cli {

/// Of one outbox.
struct outbox_metrics {
    std::string label;
    std::int16_t shard = 0;
    std::size_t in_flight_bytes_max = 0;
    relay_counts counts{};
    relay_state state{};
};

struct metrics_facts {
    std::string version;
    int schema_version = 0;
    std::vector<outbox_metrics> outboxes{};
    reload_counts reloads{};
    http::server_counts admin{};
    std::optional<process_facts> process{};
};

/// In the text format that Prometheus reads, version 0.0.4.
std::string metrics_page(const metrics_facts& f);

}  // namespace onceward::cli
