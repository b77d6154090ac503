#pragma once

/// @file
/// When a lease is renewed and when its holder must stop by itself. Time gives liveness only; what
/// makes a lost lease harmless is the lease id in every write.

#include <chrono>

namespace onceward::relay_core {

/// Measures a lease from *before* the request that took or renewed it was sent, by a monotonic
/// clock, so that it never ends later here than in the database.
template <class Time>
class lease_clock {
public:
    using duration = typename Time::duration;

    lease_clock(duration ttl, Time asked_at) : ttl_(ttl), asked_at_(asked_at) {}

    void renewed(Time asked_at) { asked_at_ = asked_at; }
    /// A third of the lease has passed: renew.
    [[nodiscard]] Time renew_at() const { return asked_at_ + ttl_ / 3; }
    /// A tenth before its end the holder stops.
    [[nodiscard]] bool over(Time now) const { return now >= asked_at_ + ttl_ - ttl_ / 10; }

private:
    duration ttl_;
    Time asked_at_;
};

}  // namespace onceward::relay_core
