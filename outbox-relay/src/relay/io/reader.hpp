#pragma once

/// @file
/// The reader's thread: runs capture ahead of publishing, one piece for each credit.

#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <stop_token>
#include <thread>

#include "onceward/relay.hpp"
#include "relay/io/facts.hpp"
#include "relay/io/live_state.hpp"
#include "relay/io/pg_outbox_reader.hpp"
#include "relay/io/replication_slot.hpp"
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

    /// The cursor row says that everything before this place in the WAL is acknowledged.
    void stored(std::uint64_t wal) { stored_ = wal; }

private:
    void run(std::stop_token stop);
    void run_engine(capture& from, pg_outbox_reader& outbox, const std::stop_token& stop);
    void run_wal(pg_outbox_reader& outbox, const std::stop_token& stop);
    result<done> wait_for_credit(capture& from, const std::stop_token& stop);
    result<piece> next_piece(capture& from, pg_outbox_reader& outbox, const std::stop_token& stop);
    result<done> wait_while_paused(capture& from, pg_outbox_reader& outbox,
                                   const std::stop_token& stop);
    result<done> rest(capture& from);
    slot_trouble_sink on_slot_trouble();
    slot_loss_sink on_slot_loss();

    const relay_options& options_;
    const lease& held_;
    fact_queue& facts_;
    live_state& live_;
    const relay::log_sink& log_;
    std::chrono::steady_clock::time_point look_for_pause_at_{};
    std::counting_semaphore<> credits_{0};
    std::atomic<std::uint64_t> stored_{0};
    position reached_;    ///< The one that was handed over last.
    bool rested_ = true;  ///< The last read found enough to go on at once.
    std::chrono::milliseconds pause_;
    std::jthread thread_;
};

}  // namespace onceward::relay_core
