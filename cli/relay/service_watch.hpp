#pragma once

/// @file
/// Tells the service manager, if there is one, how the relay is.

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "relay/service_notices.hpp"

namespace onceward::cli {

/// What a service manager asks for, as of sd_notify(3) and sd_watchdog_enabled(3).
struct service_manager {
    std::string socket{};  ///< Where it listens; empty: there is none.
    std::optional<std::chrono::microseconds> watchdog{};  ///< How often it expects a sign of life.
};

/// The one that NOTIFY_SOCKET and WATCHDOG_USEC speak of.
/// @throws stop_with  A variable cannot be understood.
service_manager service_manager_of_environment();

/// Looks at the relay from a thread of its own, which tells only what the relay's own loop has
/// reported: where that loop hangs, the signs of life cease and the manager's watchdog takes over.
class service_watch {
public:
    /// @param look      What there is to tell; called from the other thread while this object
    /// lives.
    ///                  Whether it stops is for `stopping` to say.
    /// @param stopping  The stop that the relay was given.
    /// @throws stop_with  The socket's name cannot be understood.
    service_watch(const service_manager& manager, std::function<service_look()> look,
                  std::stop_token stopping);
    ~service_watch();
    service_watch(const service_watch&) = delete;
    service_watch& operator=(const service_watch&) = delete;

private:
    class teller;
    std::unique_ptr<teller> teller_;
};

}  // namespace onceward::cli
