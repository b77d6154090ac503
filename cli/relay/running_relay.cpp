#include "relay/running_relay.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace onceward::cli {

namespace {

constexpr std::chrono::seconds between_tries{5};

/// Calls it at the end of the scope.
struct at_end {
    const std::function<void()>& what;
    ~at_end() { what(); }
};

void pause(const std::stop_token& stop) {
    std::mutex guard;
    std::unique_lock lock(guard);
    std::condition_variable_any never;
    never.wait_for(lock, stop, between_tries, [] { return false; });
}

}  // namespace

running_relay::running_relay(std::unique_ptr<relay> what, on_failure then, relay_listener listener)
    : relay_(std::move(what)),
      then_(then),
      listener_(std::move(listener)),
      waiting_(then == on_failure::try_again),
      drained_(std::async(std::launch::async, [this] {
          const at_end tell_end{listener_.ended};
          return then_ == on_failure::end ? run() : insist();
      })) {}

running_relay::~running_relay() {
    stop_.request_stop();  // the future's own destructor waits
}

bool running_relay::run() {
    return relay_->run(stop_.get_token());
}

/// Whatever fails is tried again until it is told to stop.
bool running_relay::insist() {
    const auto stop = stop_.get_token();
    while (!stop.stop_requested()) {
        try {
            const std::string why = trouble();
            tell(why);
            if (why.empty()) return run();
        } catch (const std::exception& e) {
            tell(e.what());
        }
        pause(stop);
    }
    return true;  // it has read nothing
}

/// What the checks at start refuse; empty when they pass.
std::string running_relay::trouble() const {
    return fmt::format("{}", fmt::join(relay_->preflight(), "; "));
}

void running_relay::tell(const std::string& why) {
    {
        const std::lock_guard lock(guard_);
        waiting_ = !why.empty();
        if (std::exchange(why_, why) == why) return;
    }
    if (!why.empty()) listener_.failed(why);
}

bool running_relay::checks_passed() const {
    const std::lock_guard lock(guard_);
    return !waiting_;
}

relay_state running_relay::state() const {
    auto state = relay_->state();
    const std::lock_guard lock(guard_);
    if (!waiting_) return state;
    state.role = relay_role::connecting;
    state.reason = why_;
    state.since_tick = {};  // the loop of these tries, each of which is bounded
    return state;
}

}  // namespace onceward::cli
