#pragma once

/// @file
/// Gives the disk back: truncates what was acknowledged longer ago than the retention.

#include <chrono>
#include <thread>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// A thread that goes round the ring's slots, several times in a slot's period. What may be
/// truncated is decided in the database, under the lock (sql/migrations/0005_retention.up.sql), so
/// any number of relays may do this at any time; a failed round is only logged.
class housekeeper {
public:
    housekeeper(const relay_options& options, const relay::log_sink& log);

private:
    void run(std::stop_token stop);
    /// Goes round once.
    /// @return When to go round again.
    result<std::chrono::milliseconds> go_round();
    void drop_slot(pg::connection& session);

    const relay_options& options_;
    const relay::log_sink& log_;
    std::jthread thread_;
};

}  // namespace onceward::relay_core
