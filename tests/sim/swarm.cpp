#include "swarm.hpp"

namespace onceward::sim {

namespace {

/// A fault that about half of the runs have, rarely or often.
double sometimes(dice& random, double most) {
    constexpr double shares[] = {0.05, 0.2, 0.5, 1};
    return random.chance(0.5) ? most * shares[random.below(4)] : 0;
}

void choose_faults(swarm& s, dice& random) {
    s.crash = sometimes(random, 0.004);
    s.failover = random.chance(0.3) ? random.fraction() : 0;
    s.crash_between_steps = s.crash > 0 ? sometimes(random, 0.02) : 0;
    s.pooler = random.chance(0.6);
    s.async_commit = sometimes(random, 1);
    s.abort = sometimes(random, 0.15);
    s.long_transaction = sometimes(random, 0.15);
    s.large_transaction = sometimes(random, 0.1);
    s.write_elsewhere_first = sometimes(random, 0.5);
    s.replicate = random.chance(0.5) ? 0.2 : 0.01;
    s.flush = random.chance(0.5) ? 0.3 : 0.01;
    s.lost_request = sometimes(random, 0.01);
    s.lost_reply = sometimes(random, 0.01);
    s.kill_relay = sometimes(random, 0.006);
    s.pause_relay = sometimes(random, 0.01);
    s.stall_publish = sometimes(random, 0.01);
    s.stop_relay = sometimes(random, 0.004);
    s.clock_stops = random.chance(0.5);
    s.slow_broker = sometimes(random, 0.95);
    s.producer_failure = sometimes(random, 0.008);
    s.late_append = sometimes(random, 0.7);
    s.repeat_append = sometimes(random, 0.01);
    s.refused_event = random.chance(0.4) ? sometimes(random, 0.06) : 0;
    s.kill_consumer = sometimes(random, 0.008);
    s.pause_consumer = sometimes(random, 0.01);
    s.rebalance = sometimes(random, 0.01);
    s.commit_in_doubt = sometimes(random, 0.08);
    s.handler_failure = sometimes(random, 0.03);
    s.poison = random.chance(0.3) ? 0.04 : 0;
    s.put_back = sometimes(random, 0.003);
    s.dead_letter = random.chance(0.6);
    s.redrive = sometimes(random, 0.1);
}

void choose_sizes(swarm& s, dice& random) {
    s.writers = 2 + random.below(7);
    s.keys = static_cast<int>(random.between(1, 6));
    s.partitions = 1 + random.below(3);
    s.transactions = static_cast<int>(random.between(30, 200));
    s.piece_events = 2 + random.below(12);
    s.piece_bytes = 1'000 + random.below(4'000);
    s.in_flight_bytes = s.piece_bytes * (1 + random.below(4));
    s.lease_ttl = random.chance(0.3) ? random.between(300, 1'500) : random.between(60, 300);
    s.checkpoint_interval = random.chance(0.3) ? random.between(80, 500) : random.between(5, 80);
    s.batch_max = 1 + random.below(8);
}

}  // namespace

swarm swarm::of(dice& random) {
    swarm s;
    choose_faults(s, random);
    choose_sizes(s, random);
    return s;
}

void swarm::heal() {
    crash = failover = crash_between_steps = lost_request = lost_reply = 0;
    kill_relay = pause_relay = stall_publish = stop_relay = 0;
    slow_broker = producer_failure = late_append = repeat_append = 0;
    kill_consumer = pause_consumer = rebalance = commit_in_doubt = handler_failure = poison =
        put_back = 0;
}

}  // namespace onceward::sim
