#pragma once

/// @file
/// One assigned partition: its own queue of librdkafka's, and what is in hand.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "inbox/core/partition_flow.hpp"
#include "inbox/io/apply.hpp"
#include "inbox/io/inbound.hpp"
#include "inbox/io/store.hpp"
#include "inbox/io/wakeup.hpp"
#include "kafka/rd_handle.hpp"

namespace onceward::inbox_io {

/// Made by the consumer's thread, which must call `detach_queue` before it assigns; then used by
/// one worker. The atomics are for the consumer's thread.
class partition {
public:
    partition(environment& env, rd_kafka_t* kafka, place at, inbox_core::position from,
              std::shared_ptr<wakeup> worker);
    ~partition();
    partition(const partition&) = delete;
    partition& operator=(const partition&) = delete;

    /// Makes the partition's messages stay on its own queue instead of the consumer's.
    void detach_queue();

    /// Lets go of the queue, which must not outlive librdkafka's handle. Not while a worker serves.
    void close_queue();

    /// Fills the hand up to `messages`, as far as librdkafka has them and 4 MiB allow, without
    /// waiting. Messages below the position are left out.
    void fill(std::size_t messages);

    /// Reads again from the position: what is in hand and in the queue does not count.
    /// @return An empty text, or why Kafka does not do it; then what was in hand still is.
    std::string rewind();

    /// Drops what is in hand below the position.
    void drop_done();

    const place at;
    rd_kafka_t* const kafka;

    // The worker's.
    inbox_core::partition_flow flow;
    std::deque<inbound> hand;
    std::string broken_log;  ///< Why the log cannot be read on after the hand; empty: it can.
    tally in_doubt;          ///< What the batch in doubt did, if it committed.
    std::chrono::steady_clock::time_point not_before{};
    bool redrive_wanted = false;  ///< A dead letter of this partition waits for being applied.
    inbox_core::retry redrive_retry;
    std::chrono::steady_clock::time_point redrive_not_before{};

    // Shared.
    std::atomic<bool> rewind_wanted{false};
    std::atomic<std::int64_t> applied_off;  ///< For Kafka's informational commit.

private:
    void take(const rd_kafka_message_t& m);
    void take_error(const rd_kafka_message_t& m);

    environment& env_;
    std::shared_ptr<wakeup> worker_;
    kafka::rd_queue queue_;
    std::size_t hand_bytes_ = 0;
};

}  // namespace onceward::inbox_io
