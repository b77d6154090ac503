#include "world.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::sim {

namespace {

constexpr int steps_under_faults = 1'800;
constexpr int drain_rounds_max = 1'500;
constexpr int steps_a_round = 50;
constexpr int depth_max = 3;
constexpr std::size_t processes = 2;

}  // namespace

world::world(std::uint64_t seed, plant bug, bool tracing)
    : env_(seed, bug),
      server_(env_),
      kafka_(env_, env_.faults.partitions),
      inbox_(env_, env_.faults.partitions),
      work_{.left = env_.faults.transactions},
      group_(env_.faults.partitions) {
    env_.tracing = tracing;
    env_.interleave = [this] { interleave(); };
    env_.stand_still = [this](std::int64_t ms) { stand_still(ms); };
    for (std::size_t i = 0; i < env_.faults.writers; ++i) {
        writers_.push_back(std::make_unique<writer>(env_, server_, work_));
    }
    for (std::size_t i = 0; i < processes; ++i) {
        relays_.push_back(std::make_unique<relay>(env_, server_, kafka_, tenures_));
        consumers_.push_back(std::make_unique<consumer>(env_, kafka_, inbox_, group_, i));
    }
}

bool world::breaks(promise p) const {
    return std::any_of(violations().begin(), violations().end(),
                       [&](const violation& v) { return v.broken == p; });
}

void world::run(bool to_the_end) {
    to_the_end_ = to_the_end;
    for (int i = 0; i < steps_under_faults && !over(); ++i) step();
    heal();
    drain();
}

/// One actor takes one step.
void world::step() {
    env_.now += env_.random.between(0, 2);
    strike();
    switch (env_.random.below(10)) {
        case 0:
        case 1:
        case 2:
            if (const auto& w = env_.random.pick(writers_); w.get() != left_open_) w->step();
            return;
        case 3:
        case 4:
        case 5:
            return env_.random.pick(relays_)->step();
        case 6:
        case 7:
            return kafka_.step();
        case 8:
            return env_.random.pick(consumers_)->step();
        default:
            server_.step();
            return inbox_.step();
    }
}

void world::interleave() {
    if (depth_ >= depth_max || env_.random.chance(0.5)) return;
    ++depth_;
    for (std::size_t n = env_.random.below(4); n > 0 && !over(); --n) step();
    --depth_;
}

void world::stand_still(std::int64_t ms) {
    if (depth_ >= depth_max) return;
    ++depth_;
    const std::int64_t until = env_.now + ms;
    while (env_.now < until && !over()) step();
    --depth_;
}

void world::strike() {
    const auto& f = env_.faults;
    auto& random = env_.random;
    server_.maybe_crash(f.crash);
    if (random.chance(f.rebalance)) random.pick(group_) = random.below(processes);
    if (random.chance(f.put_back)) inbox_.put_back(random.below(f.partitions), 0);
    if (random.chance(f.redrive)) inbox_.redrive_one();
    if (random.chance(0.1)) strike_processes();
}

void world::strike_processes() {
    const auto& f = env_.faults;
    auto& random = env_.random;
    auto& r = *random.pick(relays_);
    if (random.chance(f.kill_relay)) r.kill();
    if (random.chance(f.pause_relay)) r.pause(random.between(1, f.lease_ttl * 3));
    if (random.chance(f.stop_relay)) r.ask_to_stop();
    auto& c = *random.pick(consumers_);
    if (random.chance(f.kill_consumer)) c.kill();
    if (random.chance(f.pause_consumer)) c.pause(random.between(1, 400));
}

void world::heal() {
    env_.faults.heal();
    for (const auto& r : relays_) r->wake();
    for (const auto& c : consumers_) {
        c->wake();
        c->restart_if_stopped();
    }
    const auto dead = server_.cursor().dead;
    for (const auto& d : dead) {
        if (env_.random.chance(0.5)) server_.redrive(d);
    }
    const auto open = std::find_if(writers_.begin(), writers_.end(),
                                   [](const auto& w) { return w->stands_open(); });
    if (open != writers_.end() && env_.random.chance(0.5)) left_open_ = open->get();
}

/// First under a transaction that stays open, where there is one: it delays nobody else's events,
/// but for those that wait for its locks. Then to the end.
void world::drain() {
    work_.finish = true;
    for (int round = 0; round < drain_rounds_max && !over(); ++round) {
        inbox_.redrive_all();
        for (int i = 0; i < steps_a_round && !over(); ++i) step();
        if (!all_has_arrived()) continue;
        if (left_open_ != nullptr) {
            env_.seen.sometimes(seen::drained_under_open_transaction);
            left_open_ = nullptr;
            continue;
        }
        const bool all_idle =
            std::all_of(writers_.begin(), writers_.end(), [](const auto& w) { return w->idle(); });
        if (all_idle && cursor_is_at_the_end()) return;
    }
    if (over()) return;
    env_.truth.check_complete();
    env_.truth.broken(promise::live,
                      fmt::format("{} events are not in the log and {} effects are missing, or the "
                                  "cursor stays at {}",
                                  env_.truth.missing_in_log(), env_.truth.missing_effects(),
                                  server_.cursor().at.lo));
}

bool world::all_has_arrived() const {
    return env_.truth.missing_in_log() == 0 && env_.truth.missing_effects() == 0;
}

bool world::cursor_is_at_the_end() const {
    const auto& rows = server_.rows();
    const reach cursor(server_.cursor().at);
    return std::all_of(rows.begin(), rows.end(),
                       [&](const outbox_row& row) { return cursor.passes(row); });
}

}  // namespace onceward::sim
