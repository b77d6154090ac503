#pragma once

/// @file
/// One relay on a thread of its own, from its start to its drain.

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

#include "onceward/relay.hpp"

namespace onceward::cli {

/// What becomes of a relay that fails.
enum class on_failure : std::uint8_t {
    end,        ///< It ends, and with it the process, which has it alone.
    try_again,  ///< It is tried again, for ever: others in the process go on meanwhile.
};

/// Who hears of it, on the relay's thread.
struct relay_listener {
    std::function<void()> ended;  ///< It has ended, by itself or because it was asked to.
    std::function<void(const std::string&)> failed;  ///< It is tried again; why, once a reason.
};

class running_relay {
public:
    /// One that tries again makes the checks at start itself first, and waits until they pass.
    running_relay(std::unique_ptr<relay> what, on_failure then, relay_listener listener);
    ~running_relay();
    running_relay(const running_relay&) = delete;
    running_relay& operator=(const running_relay&) = delete;

    void request_stop() { stop_.request_stop(); }

    /// Waits for the end, which must have been asked for.
    /// @return As relay::run.
    /// @throws  What the relay threw, unless it tries again.
    bool drained() { return drained_.get(); }

    [[nodiscard]] relay_counts counts() const { return relay_->counts(); }
    /// While the checks at start do not pass: connecting, and why.
    [[nodiscard]] relay_state state() const;
    [[nodiscard]] bool checks_passed() const;

private:
    bool run();
    bool insist();
    [[nodiscard]] std::string trouble() const;
    void tell(const std::string& why);

    std::unique_ptr<relay> relay_;
    const on_failure then_;
    const relay_listener listener_;
    std::stop_source stop_;
    mutable std::mutex guard_;  // of all below but the future
    bool waiting_;
    std::string why_{};
    std::future<bool> drained_;  // last: its thread uses all of the above
};

}  // namespace onceward::cli
