#pragma once

/// @file
/// An inbox that runs in a thread of the test's process until its end.

#include <stop_token>
#include <string>
#include <thread>

#include "onceward/inbox.hpp"

namespace onceward::test {

/// Options with short bounds, so that what a test waits for comes soon.
inbox_options quick_inbox(const std::string& database, const std::string& brokers);

/// Writes every message of a topic into the table `ledger`, which it makes.
class running_ledger {
public:
    running_ledger(const inbox_options& options, const std::string& topic);
    ~running_ledger() { stop(); }
    running_ledger(const running_ledger&) = delete;
    running_ledger& operator=(const running_ledger&) = delete;

    void stop();
    [[nodiscard]] inbox_counts counts() const { return inbox_.counts(); }

private:
    inbox inbox_;
    std::jthread thread_;
};

}  // namespace onceward::test
