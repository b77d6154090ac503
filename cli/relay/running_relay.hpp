#pragma once

/// @file
/// One relay on a thread of its own, from its start to its drain.

#include <functional>
#include <future>
#include <memory>
#include <stop_token>

#include "onceward/relay.hpp"

namespace onceward::cli {

class running_relay {
public:
    /// @param ended  Called on the relay's thread when it has ended, by itself or because it was
    ///               asked to.
    running_relay(std::unique_ptr<relay> what, std::function<void()> ended);
    ~running_relay();
    running_relay(const running_relay&) = delete;
    running_relay& operator=(const running_relay&) = delete;

    void request_stop() { stop_.request_stop(); }

    /// Waits for the end, which must have been asked for.
    /// @return As relay::run.
    /// @throws  What the relay threw.
    bool drained() { return drained_.get(); }

    [[nodiscard]] relay_counts counts() const { return relay_->counts(); }
    [[nodiscard]] relay_state state() const { return relay_->state(); }

private:
    std::unique_ptr<relay> relay_;
    std::stop_source stop_;
    std::future<bool> drained_;  // last: its thread uses all of the above
};

}  // namespace onceward::cli
