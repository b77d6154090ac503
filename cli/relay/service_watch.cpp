#include "relay/service_watch.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "exit_code.hpp"
#include "relay/notify_socket.hpp"
#include "relay/service_notices.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;

/// How often the relay is looked at, unless the watchdog wants it more often.
constexpr std::chrono::microseconds look_interval = 200ms;

std::string_view variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : value;
}

std::int64_t number_in(const char* name) {
    const std::string_view text = variable(name);
    const char* const last = text.data() + text.size();
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), last, n);
    if (error == std::errc{} && end == last && n > 0) return n;
    throw stop_with(exit_config,
                    fmt::format("{} is '{}' and not a number above zero; a service manager sets "
                                "it, unset it where there is none",
                                name, text));
}

}  // namespace

service_manager service_manager_of_environment() {
    service_manager m{.socket = std::string(variable("NOTIFY_SOCKET"))};
    if (m.socket.empty() || variable("WATCHDOG_USEC").empty()) return m;
    const bool ours = variable("WATCHDOG_PID").empty() || number_in("WATCHDOG_PID") == getpid();
    if (ours) m.watchdog = std::chrono::microseconds(number_in("WATCHDOG_USEC"));
    return m;
}

class service_watch::teller {
public:
    teller(const service_manager& manager, std::function<service_look()> look,
           std::stop_token stopping)
        : interval_(std::min(look_interval, manager.watchdog.value_or(look_interval) / 4)),
          look_(std::move(look)),
          stopping_(std::move(stopping)),
          socket_(manager.socket),
          notices_(manager.watchdog),
          thread_([this](const std::stop_token& end) { run(end); }) {}

private:
    void run(const std::stop_token& end) {
        std::mutex guard;
        std::unique_lock lock(guard);
        std::condition_variable_any never;
        while (!end.stop_requested()) {
            tell();
            never.wait_for(lock, end, interval_, [] { return false; });
        }
        tell();  // a stop may have been quicker than the interval
    }

    /// What has to come in two messages comes in two: a reload may be over already.
    void tell() {
        auto at = look_();
        at.stopping = stopping_.stop_requested();
        const auto now = std::chrono::steady_clock::now();
        for (auto due = notices_.due(at, now); !due.empty(); due = notices_.due(at, now)) {
            if (!socket_.send(due)) return;
            notices_.received(at, now);
        }
    }

    const std::chrono::microseconds interval_;
    const std::function<service_look()> look_;
    const std::stop_token stopping_;
    const notify_socket socket_;
    service_notices notices_;
    std::jthread thread_;
};

service_watch::service_watch(const service_manager& manager, std::function<service_look()> look,
                             std::stop_token stopping) {
    if (manager.socket.empty()) return;
    try {
        teller_ = std::make_unique<teller>(manager, std::move(look), std::move(stopping));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
}

service_watch::~service_watch() = default;

}  // namespace onceward::cli
