#pragma once

/// @file
/// What a service manager should be told of the relay, and when. Pure; see service_watch.hpp.

#include <chrono>
#include <optional>
#include <string>

#include "onceward/relay.hpp"

namespace onceward::cli {

/// One line for `systemctl status`: what the relay does, and what it has trouble with.
std::string status_line(const relay_state& state);

class service_notices {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param watchdog  How often the manager expects a sign of life; none: never.
    explicit service_notices(std::optional<std::chrono::microseconds> watchdog);

    /// What has become due: READY=1 once the relay holds the lease or stands by, STATUS where it
    /// has changed, STOPPING=1, and WATCHDOG=1 at twice the rate that is expected, while the
    /// relay's own loop is alive.
    /// @return Assignments, one a line; empty when nothing is due.
    [[nodiscard]] std::string due(const relay_state& state, bool stopping, time_point now) const;

    /// The manager has received what was due; until this is called it stays due.
    void received(const relay_state& state, bool stopping, time_point now);

private:
    [[nodiscard]] bool watchdog_due(const relay_state& state, time_point now) const;

    std::optional<std::chrono::microseconds> half_;
    std::optional<time_point> told_alive_at_;
    std::string told_status_;
    bool told_ready_ = false;
    bool told_stopping_ = false;
};

}  // namespace onceward::cli
