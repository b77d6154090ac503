#pragma once

/// @file
/// A relay that runs in a thread of the test's process until its end.

#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "onceward/relay.hpp"

namespace onceward::test {

/// Options with short bounds, so that what a test waits for comes soon.
relay_options quick_relay(const std::string& database, const std::string& brokers);

/// Prints its log at the end when the test has failed.
class running_relay {
public:
    explicit running_relay(const relay_options& options);
    ~running_relay();
    running_relay(const running_relay&) = delete;
    running_relay& operator=(const running_relay&) = delete;

    /// @return As relay::run; true when it has been stopped before.
    bool stop();
    [[nodiscard]] relay_counts counts() const { return relay_.counts(); }
    /// Whether a line of the log, or one of its fields, has `text` in it.
    [[nodiscard]] bool has_said(const std::string& text) const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> said_;
    relay relay_;
    bool drained_ = true;
    std::jthread thread_;
};

}  // namespace onceward::test
