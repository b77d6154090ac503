#include "kafka/running_relay.hpp"

#include <algorithm>
#include <cstdio>

#include <gtest/gtest.h>

namespace onceward::test {

relay_options quick_relay(const std::string& database, const std::string& brokers) {
    relay_options o;
    o.database = database;
    o.brokers = brokers;
    o.lease_ttl = std::chrono::milliseconds{2'000};
    o.checkpoint_interval = std::chrono::milliseconds{200};
    o.retry_max = std::chrono::milliseconds{500};
    o.stop_timeout = std::chrono::milliseconds{5'000};
    return o;
}

running_relay::running_relay(const relay_options& options)
    : relay_(options,
             [this](const relay_log_line& line) {
                 std::string text = line.message;
                 for (const auto& [name, value] : line.fields)
                     text.append(" ").append(name).append("=").append(value);
                 const std::lock_guard lock(mutex_);
                 said_.push_back(std::move(text));
             }),
      thread_([this](std::stop_token stop) { drained_ = relay_.run(std::move(stop)); }) {}

running_relay::~running_relay() {
    stop();
    if (!::testing::Test::HasFailure()) return;
    for (const auto& line : said_) std::fprintf(stderr, "relay: %s\n", line.c_str());
}

bool running_relay::stop() {
    if (thread_.joinable()) {
        thread_.request_stop();
        thread_.join();
    }
    return drained_;
}

bool running_relay::has_said(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(said_.begin(), said_.end(), [&](const std::string& line) {
        return line.find(text) != std::string::npos;
    });
}

}  // namespace onceward::test
