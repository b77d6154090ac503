#pragma once

/// @file
/// One outbox of the process: its relay, or one relay after another where a reload replaces it.

#include <functional>
#include <memory>
#include <mutex>

#include "log/logger.hpp"
#include "relay/running_relay.hpp"
#include "relay/setup.hpp"

namespace onceward::cli {

/// How an outbox is, for whoever watches.
struct outbox_facts {
    outbox_setup setup{};
    relay_counts counts{};  ///< Of all its relays.
    relay_state state{};    ///< Between two relays the last one's.
    bool checks_passed = false;
};

class relayed_outbox {
public:
    /// @param out  Must outlive this.
    relayed_outbox(outbox_setup setup, log::logger& out);

    /// A relay with these options, which is not started yet.
    /// @throws stop_with  The options cannot work together.
    [[nodiscard]] std::unique_ptr<relay> made(const relay_options& options) const;

    /// Lets `what` relay.
    /// @param ended  Called on its thread when it has ended.
    void start(std::unique_ptr<relay> what, relay_options options, std::function<void()> ended);

    /// Asks the relay to drain; from now on it reads nothing.
    void request_stop();

    /// Waits until it has drained.
    /// @return Whether everything that was read had been acknowledged and stored.
    bool finish();

    /// @par Thread safety
    /// Any thread, at any time.
    [[nodiscard]] outbox_facts look() const;

private:
    log::logger& out_;
    mutable std::mutex guard_;  // of all below
    outbox_setup setup_;
    bool has_started_ = false;
    relay_counts before_;                 // of the relays that have ended
    relay_state last_state_;              // of the last one
    std::unique_ptr<running_relay> now_;  // none between two
    bool drained_ = true;                 // what the last one left
};

/// One state of all: how a service manager is told of several. It is connecting until each of them
/// works or has said what it has trouble with; it lives while all of them do.
relay_state overall(const std::vector<outbox_facts>& all);

}  // namespace onceward::cli
