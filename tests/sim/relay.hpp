#pragma once

/// @file
/// A relay's process: takes leases and holds them, is killed, paused, stopped, and starts again.

#include <memory>
#include <optional>

#include "aside_store.hpp"
#include "cursor_store.hpp"
#include "relay/core/backoff.hpp"
#include "relay/core/refusal.hpp"
#include "tenure.hpp"

namespace onceward::sim {

class relay {
public:
    /// @param tenures  Counts the tenures of all relays.
    relay(environment& env, pg_server& server, broker& kafka, std::uint64_t& tenures);

    void step();
    /// As by SIGKILL: at once, wherever it is.
    void kill();
    /// As by SIGSTOP and SIGCONT.
    void pause(std::int64_t ms);
    /// As by SIGTERM.
    void ask_to_stop() { stopping_ = true; }
    /// Ends a pause.
    void wake() { process_.paused_until = env_.now; }

private:
    void core_step();
    void take_lease();
    void finish();
    /// @return Whether the event at fault is a dead letter now.
    bool bury(const relay_core::refusal& why);
    void retry_later();
    void start_again();

    environment& env_;
    pg_server& server_;
    broker& kafka_;
    std::uint64_t& tenures_;

    relay_process process_;
    std::unique_ptr<cursor_store> cursor_;
    std::unique_ptr<aside_store> aside_;
    std::unique_ptr<tenure> tenure_;
    std::string last_lease_id_;
    relay_core::suspects suspects_;
    relay_core::backoff backoff_;
    std::int64_t wait_until_ = 0;
    bool stopping_ = false;
    bool core_busy_ = false;
};

}  // namespace onceward::sim
