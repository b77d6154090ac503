#pragma once

/// @file
/// What a service manager should be told of the relay, and when. Pure; see service_watch.hpp.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "onceward/relay.hpp"

namespace onceward::cli {

/// One line for `systemctl status`: what the relay does, and what it has trouble with.
std::string status_line(const relay_state& state);

/// How often the configuration was asked for anew, and how often that has ended.
struct reload_progress {
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::chrono::steady_clock::time_point begun_at{};  ///< The last one.
};

/// What there is to tell of.
struct service_look {
    relay_state state{};
    bool stopping = false;
    reload_progress reload{};
};

class service_notices {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// @param watchdog  How often the manager expects a sign of life; none: never.
    explicit service_notices(std::optional<std::chrono::microseconds> watchdog);

    /// What has become due: READY=1 once the relay holds the lease or stands by, STATUS where it
    /// has changed, STOPPING=1, and WATCHDOG=1 at twice the rate that is expected, while the
    /// relay's own loop is alive. A reload is RELOADING=1 with the time at which it began, and
    /// READY=1 in a message of its own when it has ended, whether it has changed anything or not.
    /// @return Assignments, one a line; empty when nothing is due.
    [[nodiscard]] std::string due(const service_look& at, time_point now) const;

    /// The manager has received what was due; until this is called it stays due.
    void received(const service_look& at, time_point now);

private:
    [[nodiscard]] bool watchdog_due(const relay_state& state, time_point now) const;
    [[nodiscard]] bool reloading_due(const service_look& at) const;
    [[nodiscard]] bool ready_due(const service_look& at) const;

    std::optional<std::chrono::microseconds> half_;
    std::optional<time_point> told_alive_at_;
    std::string told_status_;
    bool told_ready_ = false;
    bool told_reloading_ = false;  ///< And not yet that it has ended.
    std::uint64_t told_reload_ = 0;
    bool told_stopping_ = false;
};

}  // namespace onceward::cli
