#include "relay/io/live_state.hpp"

#include <algorithm>
#include <utility>

namespace onceward::relay_core {

namespace {

bool holds_lease(relay_role r) {
    return r == relay_role::leader || r == relay_role::paused || r == relay_role::stopped;
}

std::chrono::milliseconds rounded(std::chrono::steady_clock::duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d);
}

}  // namespace

live_state::live_state() : ticked_at_(clock::now()) {
    state_.since = std::chrono::system_clock::now();
    tick(std::chrono::seconds(60));  // until the loop begins: the checks at start
}

void live_state::tick(std::chrono::milliseconds bound) {
    const std::lock_guard lock(guard_);
    ticked_at_ = clock::now();
    state_.tick_within = bound;
}

void live_state::become(relay_role role, std::string reason) {
    const std::lock_guard lock(guard_);
    if (std::exchange(state_.role, role) != role) state_.since = std::chrono::system_clock::now();
    state_.reason = std::move(reason);
    if (holds_lease(role)) return;
    lease_end_.reset();
    state_.kafka = {};
    state_.kafka_figures.reset();
    state_.source = relay_source::table;
    state_.slot_trouble.clear();
}

void live_state::resume() {
    const std::lock_guard lock(guard_);
    if (state_.role != relay_role::paused) return;
    state_.role = relay_role::leader;
    state_.since = std::chrono::system_clock::now();
    state_.reason.clear();
}

void live_state::in_trouble(const std::string& reason, bool role_is_lost) {
    if (role_is_lost) return become(relay_role::connecting, reason);
    const std::lock_guard lock(guard_);
    state_.reason = reason;
}

void live_state::leased_until(clock::time_point end) {
    const std::lock_guard lock(guard_);
    lease_end_ = end;
}

void live_state::database(relay_connection c) {
    const std::lock_guard lock(guard_);
    state_.database = std::move(c);
}

void live_state::kafka(relay_connection c) {
    if (c.now == relay_connection::reach::unknown) return;
    const std::lock_guard lock(guard_);
    state_.kafka = std::move(c);
}

void live_state::statistics(kafka_look seen) {
    kafka(std::move(seen.reach));
    if (!seen.figures) return;
    const std::lock_guard lock(guard_);
    if (holds_lease(state_.role)) state_.kafka_figures = std::move(seen.figures);
}

void live_state::published() {
    const std::lock_guard lock(guard_);
    state_.published_at = std::chrono::system_clock::now();
    state_.kafka = {.now = relay_connection::reach::up};
    if (state_.role == relay_role::leader) state_.reason.clear();
}

void live_state::backlog(relay_backlog b) {
    const std::lock_guard lock(guard_);
    state_.backlog = b;
}

void live_state::reads_from(relay_source source, std::string slot_trouble) {
    const std::lock_guard lock(guard_);
    state_.source = source;
    state_.slot_trouble = std::move(slot_trouble);
}

relay_state live_state::look() const {
    const std::lock_guard lock(guard_);
    relay_state s = state_;
    const auto now = clock::now();
    s.since_tick = rounded(now - ticked_at_);
    if (lease_end_)
        s.lease_left = std::max(rounded(*lease_end_ - now), std::chrono::milliseconds::zero());
    return s;
}

}  // namespace onceward::relay_core
