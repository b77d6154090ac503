#pragma once

/// @file
/// Ctrl-C, SIGTERM and SIGHUP as a stop token.

#include <atomic>
#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

namespace onceward::cli {

/// While it lives, SIGINT, SIGTERM and SIGHUP ask `token()` to stop; a SIGINT more than 200 ms
/// after that ends the process at once with exit code 130.
///
/// Made before any thread is started: threads inherit that these signals are blocked.
class stop_signals {
public:
    /// @param at_once  Runs before a second SIGINT ends the process; must be short.
    explicit stop_signals(std::function<void()> at_once = {});
    ~stop_signals();
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;

    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

private:
    void take();

    std::function<void()> at_once_;
    std::stop_source stop_;
    std::atomic<bool> ending_{false};
    sigset_t before_{};
    std::thread taker_;
};

}  // namespace onceward::cli
