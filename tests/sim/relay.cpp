#include "relay.hpp"

#include <utility>

namespace onceward::sim {

namespace {

constexpr std::chrono::milliseconds retry_min{3};
constexpr std::chrono::milliseconds retry_max{30};
constexpr std::int64_t start_ms_max = 60;

}  // namespace

relay::relay(environment& env, pg_server& server, broker& kafka, std::uint64_t& tenures)
    : env_(env),
      server_(server),
      kafka_(kafka),
      tenures_(tenures),
      backoff_(retry_min, retry_max) {}

void relay::kill() {
    process_.killed = true;
    if (tenure_) tenure_->destroy_producer();
}

void relay::pause(std::int64_t ms) {
    process_.paused_until = std::max(process_.paused_until, env_.now + ms);
    if (env_.faults.clock_stops) process_.clock_behind += ms;
}

/// The scheduler's choice: the core's thread or the reader's.
void relay::step() {
    if (env_.now < process_.paused_until || process_.killed) {
        // Its frames, if any, leave when they get the turn again.
    } else {
        try {
            if (tenure_ && env_.random.chance(0.5)) {
                tenure_->reader_step();
            } else if (!core_busy_ && env_.now >= wait_until_) {
                core_step();
            }
        } catch (const process_killed&) {
            kill();
        }
    }
    if (process_.killed && !(tenure_ && tenure_->reading())) start_again();
}

void relay::core_step() {
    core_busy_ = true;
    struct leave {
        bool& busy;
        ~leave() { busy = false; }
    } on_leave{core_busy_};
    if (!tenure_) {
        if (stopping_) {
            process_.killed = true;  // it has nothing to finish
            return;
        }
        return take_lease();
    }
    if (!tenure_->end()) tenure_->core_step(stopping_);
    if (tenure_->end() && !tenure_->reading()) finish();
}

void relay::take_lease() {
    if (!cursor_) {
        cursor_ = std::make_unique<cursor_store>(env_, server_, process_);
        aside_ = std::make_unique<aside_store>(env_, server_, process_);
    }
    const std::int64_t asked_at = env_.now;
    auto l = cursor_->acquire(last_lease_id_);
    if (!l) return retry_later();
    if (l->id.empty()) {
        wait_until_ = env_.now + env_.faults.lease_ttl / 10;
        return;
    }
    last_lease_id_ = l->id;
    if (env_.random.chance(env_.faults.kill_relay)) throw process_killed{};
    auto known = aside_->load();
    if (!known) return retry_later();
    tenure_ = std::make_unique<tenure>(
        env_, server_, kafka_, *cursor_, process_, std::move(*l), asked_at,
        tenure::heritage{++tenures_, suspects_.count(), std::move(*known)});
}

void relay::finish() {
    const auto how = *tenure_->end();
    if (how == tenure::ending::drained || how == tenure::ending::cut_short) {
        process_.killed = true;  // it exits
        return;
    }
    const auto why = tenure_->why();
    suspects_.tenure_ended(why, tenure_->in_flight());
    if (tenure_->made_progress()) backoff_.reset();
    if (!why || bury(*why)) return tenure_.reset();
    if (why->why.origin != "fenced" && why->why.origin != "connection") {
        static_cast<void>(cursor_->report(tenure_->held(), false, why->why.message));
    }
    tenure_.reset();
    retry_later();
}

bool relay::bury(const relay_core::refusal& why) {
    if (!why.event || why.why.next != verdict::rejected) return false;
    tenure_->destroy_producer();
    return static_cast<bool>(aside_->bury(tenure_->held(), *why.event, why.why.message));
}

void relay::retry_later() {
    cursor_.reset();
    aside_.reset();
    wait_until_ = env_.now + backoff_.pause().count();
}

/// A new process: it knows nothing of the old one.
void relay::start_again() {
    if (core_busy_) return;
    if (!stopping_) env_.seen.sometimes(seen::relay_killed);
    tenure_.reset();
    cursor_.reset();
    aside_.reset();
    suspects_ = {};
    last_lease_id_.clear();
    process_ = {};
    stopping_ = false;
    backoff_ = relay_core::backoff(retry_min, retry_max);
    wait_until_ = env_.now + env_.random.between(1, start_ms_max);
}

}  // namespace onceward::sim
