#pragma once

/// @file
/// What one run is like: its sizes, and a random subset of the faults.

#include <cstddef>
#include <cstdint>

#include "dice.hpp"

namespace onceward::sim {

/// Rates are probabilities on each occasion; 0 is never.
struct swarm {
    // PostgreSQL and its clients.
    double crash = 0;
    double failover = 0;             ///< So many crashes end on a standby that has not everything.
    double crash_between_steps = 0;  ///< Of one decision of a relay.
    bool pooler = false;             ///< Sessions survive a crash of the server.
    double async_commit = 0;
    double abort = 0;
    double long_transaction = 0;
    double large_transaction = 0;
    double write_elsewhere_first = 0;
    double replicate = 0;
    double flush = 0;  ///< Of the server's own accord.
    double lost_request = 0;
    double lost_reply = 0;

    // Relay and Kafka.
    double kill_relay = 0;
    double pause_relay = 0;
    double stall_publish = 0;  ///< A pause between two events of a piece.
    double stop_relay = 0;
    bool clock_stops = false;  ///< In a pause, as of a virtual machine.
    double slow_broker = 0;    ///< Stands still on so many occasions.
    double producer_failure = 0;
    double late_append = 0;
    double repeat_append = 0;
    double refused_event = 0;  ///< So many events Kafka never takes, nor any batch with them.

    // Consumers.
    double kill_consumer = 0;
    double pause_consumer = 0;
    double rebalance = 0;
    double commit_in_doubt = 0;
    double handler_failure = 0;
    double poison = 0;  ///< So many messages can never be applied, until a person has acted.
    double put_back = 0;
    bool dead_letter = false;  ///< Poison is set aside instead of stopping the partition.
    double redrive = 0;        ///< A person has a dead letter tried again.

    // Sizes. Times are in milliseconds.
    std::size_t writers = 0;
    int keys = 0;
    std::size_t partitions = 0;
    int transactions = 0;
    std::size_t piece_events = 0;
    std::size_t piece_bytes = 0;
    std::size_t in_flight_bytes = 0;
    std::int64_t lease_ttl = 0;
    std::int64_t checkpoint_interval = 0;
    std::size_t batch_max = 0;

    static swarm of(dice& random);

    /// No more faults.
    void heal();
};

}  // namespace onceward::sim
