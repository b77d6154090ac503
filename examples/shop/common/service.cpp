#include "common/service.hpp"

#include <atomic>
#include <csignal>
#include <exception>
#include <iostream>
#include <stop_token>
#include <thread>
#include <utility>

#include <CLI/CLI.hpp>
#include <unistd.h>

namespace shop {

namespace {

constexpr std::size_t batch_max = 50;

onceward::inbox_options inbox_options_of(const service_options& options) {
    onceward::inbox_options result;
    result.consumer = options.name;
    result.database = options.database;
    result.brokers = options.brokers;
    result.batch_max = batch_max;
    result.workers = options.workers;
    result.session_timeout = std::chrono::seconds(options.session_seconds);
    return result;
}

sigset_t end_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/// A template, since libpqxx 8 hands out references to rows.
nlohmann::json json_of(const auto& row) {
    auto result = nlohmann::json::object();
    for (const auto& field : row) {
        if (!field.is_null()) result[field.name()] = field.c_str();
    }
    return result;
}

}  // namespace

service::service(const service_options& options)
    : options_(options),
      database_(options.database),
      inbox_(inbox_options_of(options)),
      api_(database_) {
    api_.get("/healthz", [this](const request&) { return health(); });
    api_.get("/stats", [this](const request&) { return stats(); });
}

void service::on(const std::string& topic, const std::string& type, order_handler h) {
    inbox_.on(topic, type, handling(std::move(h)));
}

void service::show_order_by(const std::string& sql) {
    api_.get("/orders/([A-Za-z0-9-]{1,64})", [this, sql](const request& rq) {
        auto row = one_row(sql, rq.captures);
        if (row.empty()) return reply{404, {{"error", "no such order here"}}};
        return reply{200, std::move(row)};
    });
}

void service::show_stats_by(const std::string& sql) {
    stats_sql_ = sql;
}

nlohmann::json service::one_row(const std::string& sql,
                                const std::vector<std::string>& parameters) {
    auto found = nlohmann::json::object();
    database_.transaction([&](pqxx::work& tx) {
        const auto rows =
            parameters.empty() ? tx.exec(sql) : tx.exec_params(sql, parameters.front());
        if (!rows.empty()) found = json_of(rows[0]);
    });
    return found;
}

reply service::health() {
    one_row("SELECT 1 AS alive", {});
    const auto stopped = inbox_.counts().stopped_partitions;
    return {stopped == 0 ? 200 : 503,
            {{"service", options_.name}, {"stopped_partitions", stopped}}};
}

reply service::stats() {
    const auto counts = inbox_.counts();
    auto body = stats_sql_.empty() ? nlohmann::json::object() : one_row(stats_sql_, {});
    body["inbox"] = {{"received", counts.received},
                     {"applied", counts.applied},
                     {"duplicates", counts.duplicates},
                     {"quarantined", counts.quarantined},
                     {"retries", counts.retries},
                     {"fenced", counts.fenced},
                     {"stopped_partitions", counts.stopped_partitions}};
    return {200, std::move(body)};
}

int service::run() {
    api_.start(options_.port);

    std::atomic<int> code = 0;
    std::jthread consumer([&](std::stop_token stop) {
        try {
            inbox_.run(stop);
        } catch (const std::exception& error) {
            std::cerr << options_.name << ": " << error.what() << '\n';
            code = 1;
            ::kill(::getpid(), SIGTERM);
        }
    });
    const sigset_t ends = end_signals();
    int signal = 0;
    sigwait(&ends, &signal);
    api_.stop();
    consumer.request_stop();
    consumer.join();
    return code;
}

int run_service(int argc, char** argv, const std::string& name, std::size_t workers,
                const std::function<void(service&)>& set_up) {
    service_options options{.name = name, .database = {}, .brokers = {}, .workers = workers};
    CLI::App app("The " + name + " service of the shop");
    app.add_option("--database", options.database, "libpq URI or key=value string")->required();
    app.add_option("--brokers", options.brokers, "Kafka, host:port")->required();
    app.add_option("--port", options.port, "HTTP port on 127.0.0.1")
        ->required()
        ->check(CLI::Range(1, 65535));
    app.add_option("--session-seconds", options.session_seconds,
                   "After which Kafka gives a dead consumer's partitions to another")
        ->check(CLI::Range(1, 1800))
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);

    // Blocked before any thread exists, so that all inherit it and only sigwait receives them.
    const sigset_t ends = end_signals();
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    try {
        service s(options);
        set_up(s);
        return s.run();
    } catch (const std::exception& error) {
        std::cerr << name << ": " << error.what() << '\n';
        return 1;
    }
}

}  // namespace shop
