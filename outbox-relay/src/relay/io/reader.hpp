#pragma once

/// @file
/// The reader's thread: runs capture ahead of publishing, one piece for each credit.

#include <chrono>
#include <functional>
#include <semaphore>
#include <stop_token>
#include <thread>

#include "onceward/relay.hpp"
#include "relay/io/facts.hpp"
#include "relay/io/live_state.hpp"
#include "relay/io/pg_outbox_reader.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

class reader {
public:
    /// Starts the thread, which opens its own session.
    reader(const relay_options& options, const lease& held, fact_queue& facts, live_state& live,
           const relay::log_sink& log);
    ~reader();

    /// Asks for the next piece; answered by one `piece_read` or `read_failed`.
    void read_more() { credits_.release(); }

private:
    void run(std::stop_token stop);
    result<piece> next_piece(capture& from, pg_outbox_reader& outbox, const std::stop_token& stop);
    result<done> wait_while_paused(pg_outbox_reader& outbox, const std::stop_token& stop);

    const relay_options& options_;
    const lease& held_;
    fact_queue& facts_;
    live_state& live_;
    const relay::log_sink& log_;
    std::chrono::steady_clock::time_point look_for_pause_at_{};
    std::counting_semaphore<> credits_{0};
    std::string reached_;  ///< The position that was handed over last.
    bool rested_ = true;   ///< The last read found enough to go on at once.
    std::chrono::milliseconds pause_;
    std::jthread thread_;
};

}  // namespace onceward::relay_core
