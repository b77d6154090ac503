#pragma once

/// @file
/// A service of the shop: a database, an HTTP API and a consumer, until SIGTERM or Ctrl-C.

#include <cstddef>
#include <functional>
#include <string>

#include "common/database.hpp"
#include "common/http_api.hpp"
#include "common/messages.hpp"
#include "onceward/inbox.hpp"
#include "onceward/outbox.hpp"

namespace shop {

struct service_options {
    std::string name;  ///< Also the Kafka consumer group.
    std::string database;
    std::string brokers;
    int port = 0;
    int session_seconds = 10;  ///< After which Kafka gives a dead consumer's partitions to another.
    std::size_t workers = 4;   ///< Partitions that are applied in parallel.
};

class service {
public:
    explicit service(const service_options& options);

    /// Handles the events of one type.
    void on(const std::string& topic, const std::string& type, order_handler h);

    /// Answers `GET /orders/{id}` with the row that `sql` selects for the order's id, $1; 404
    /// without a row.
    void show_order_by(const std::string& sql);

    /// Adds the row that `sql` selects to `GET /stats`, beside the consumer's counts.
    void show_stats_by(const std::string& sql);

    [[nodiscard]] database& db() { return database_; }
    [[nodiscard]] http_api& api() { return api_; }
    [[nodiscard]] const onceward::outbox& outbox() const { return outbox_; }

    /// Serves and consumes until a signal asks for the end.
    /// @return The exit code.
    int run();

private:
    reply health();
    reply stats();
    nlohmann::json one_row(const std::string& sql, const std::vector<std::string>& parameters);

    service_options options_;
    database database_;
    onceward::outbox outbox_;
    onceward::inbox inbox_;
    http_api api_;
    std::string stats_sql_;
};

/// The `main` of a service: reads the command line, lets `set_up` register the
/// handlers, runs.
/// @param workers  As in service_options; 1 for services whose orders share rows.
int run_service(int argc, char** argv, const std::string& name, std::size_t workers,
                const std::function<void(service&)>& set_up);

}  // namespace shop
