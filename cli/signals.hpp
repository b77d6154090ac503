#pragma once

/// @file
/// Ctrl-C and SIGTERM as a stop token; SIGHUP as another stop, or as the wish to reload.

#include <atomic>
#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

namespace onceward::cli {

/// Both run on a thread of their own and must be short.
struct signal_actions {
    std::function<void()> at_once{};  ///< Before a second SIGINT ends the process.
    std::function<void()> hangup{};   ///< At SIGHUP; without it SIGHUP asks to stop.
};

/// While it lives, SIGINT, SIGTERM and perhaps SIGHUP ask `token()` to stop; a SIGINT more than
/// 200 ms after that ends the process at once with exit code 130.
///
/// Made before any thread is started: threads inherit that these signals are blocked.
class stop_signals {
public:
    explicit stop_signals(signal_actions actions = {});
    ~stop_signals();
    stop_signals(const stop_signals&) = delete;
    stop_signals& operator=(const stop_signals&) = delete;

    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

private:
    void take();

    signal_actions actions_;
    std::stop_source stop_;
    std::atomic<bool> ending_{false};
    sigset_t before_{};
    std::thread taker_;
};

}  // namespace onceward::cli
