/// @file
/// The consumer of the crash runs: writes each message that it applies into a ledger, which the
/// checker then reads. Runs until SIGTERM or SIGINT.

#include <csignal>
#include <cstdio>
#include <exception>
#include <stop_token>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <pqxx/transaction_base>

#include "onceward/inbox.hpp"

namespace {

/// The whole effect: one row, whose number rises in the order of application.
void enter(onceward::handler_context& context, const onceward::message& m) {
    const auto change = nlohmann::json::parse(m.payload.value());
    auto& tx = context.tx();
    tx.exec("INSERT INTO ledger (id, tx, k, v) VALUES (" + tx.quote(m.id.to_string()) + ", " +
            tx.quote(change.at("tx").get<std::string>()) + ", " +
            std::to_string(change.at("k").get<int>()) + ", " +
            std::to_string(change.at("v").get<long>()) + ")");
}

void print(const onceward::inbox_log_line& line) {
    std::fprintf(stderr, "%s\n", line.message.c_str());
}

void print(const onceward::inbox_counts& c) {
    std::fprintf(stderr, "received %lu, applied %lu, duplicates %lu, retries %lu, fenced %lu\n",
                 c.received, c.applied, c.duplicates, c.retries, c.fenced);
}

/// Blocks the signals for this and all later threads, and turns them into a stop.
class stop_on_signal {
public:
    stop_on_signal() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGTERM);
        sigaddset(&signals_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::thread{[this, stop = stop_]() mutable {
            int number = 0;
            sigwait(&signals_, &number);
            stop.request_stop();
        }}.detach();
    }
    std::stop_token token() { return stop_.get_token(); }

private:
    sigset_t signals_{};
    std::stop_source stop_;
};

onceward::inbox_options parse(int argc, char** argv, std::string& topic) {
    CLI::App app{"Writes what arrives in a topic into a ledger, once"};
    onceward::inbox_options options;
    long session_ms = 3'000;
    app.add_option("--database", options.database)->required();
    app.add_option("--brokers", options.brokers)->required();
    app.add_option("--consumer", options.consumer)->required();
    app.add_option("--topic", topic)->required();
    app.add_option("--workers", options.workers);
    app.add_option("--batch-max", options.batch_max);
    app.add_option("--session-ms", session_ms);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        std::exit(app.exit(e));
    }
    options.session_timeout = std::chrono::milliseconds{session_ms};
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        static stop_on_signal stop;
        std::string topic;
        onceward::inbox consumer{parse(argc, argv, topic)};
        consumer.on_other(topic, enter);
        consumer.log_to([](const onceward::inbox_log_line& line) { print(line); });
        consumer.run(stop.token());
        print(consumer.counts());
        return 0;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "ledger_consumer: %s\n", e.what());
        return 1;
    }
}
