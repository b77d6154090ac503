#pragma once

/// @file
/// Looks at what waits in the outbox, on a timer: nobody who asks how the relay is makes it count.

#include <string>
#include <thread>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/io/live_state.hpp"

namespace onceward::relay_core {

/// A thread with a session of its own, whose statements end after two seconds at most. A failed
/// look leaves the last one standing, with its time.
class backlog_sampler {
public:
    backlog_sampler(const relay_options& options, live_state& live, const relay::log_sink& log);

private:
    void run(std::stop_token stop);
    result<relay_backlog> look();
    void watch_disk(const relay_backlog& b);

    const relay_options& options_;
    live_state& live_;
    const relay::log_sink& log_;
    bool over_limit_ = false;
    std::jthread thread_;
};

}  // namespace onceward::relay_core
