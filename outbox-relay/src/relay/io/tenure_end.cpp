/// @file
/// A lease's time ends: drained, cut short, failed, renewed, or at an event that Kafka refuses.

#include <utility>

#include "relay/io/sessions.hpp"
#include "relay/io/tenure.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

std::optional<tenure_end> tenure::ended(clock::time_point now, bool stopping) {
    if (one_by_one_ > 0 && acknowledged_ >= one_by_one_) renewing_ = true;
    if (!drain_by_) return std::nullopt;
    const bool all_through = unacknowledged_ == 0;
    if (!all_through && now < *drain_by_) return std::nullopt;
    if (!stopping) return close(tenure_end::kind::renewed);
    return close(all_through ? tenure_end::kind::drained : tenure_end::kind::cut_short);
}

tenure_end tenure::close(tenure_end::kind how) {
    checkpoint(clock::now());
    if (failure_) return fail();
    if (how != tenure_end::kind::renewed) static_cast<void>(cursor_.release(held_));
    return {.how = how, .made_progress = acknowledged_ > 0};
}

/// What was acknowledged before a refusal need not be sent again, one by one.
tenure_end tenure::fail() {
    tenure_end end{
        .how = tenure_end::kind::failed,
        .why = std::move(failure_),
        .in_flight = pipeline_.in_flight_events() + (drain_ ? drain_->count().in_flight : 0),
        .made_progress = acknowledged_ > 0};
    failure_.reset();
    if (end.why->why.next == verdict::rejected) checkpoint(clock::now());
    return end;
}

/// A message that is refused alone can never be published as it is.
tenure_end tenure::refused_alone(const std::stop_token& stop, tenure_end end) {
    if (options_.on_refused == refused_event::stop) return stop_at_poison(stop, end.why->why);
    if (auto buried = aside_.bury(held_, *end.why->event, end.why->why.message); !buried) {
        end.why = refusal{.why = buried.error()};
        return end;
    }
    ++counts_.dead_lettered;
    log_({level::error,
          "an event is a dead letter now; see onceward dead list",
          {{"reason", end.why->why.message}, {"origin", end.why->why.origin}}});
    end.how = tenure_end::kind::renewed;
    return end;
}

/// Nothing is skipped: the shard keeps its lease, says what is wrong, and waits for a person.
tenure_end tenure::stop_at_poison(const std::stop_token& stop, failure why) {
    const std::string reason =
        why.message +
        "; the shard is stopped before it, nothing is skipped; make the topic "
        "accept it and restart the relay";
    log_({level::error,
          "stopped at an event that Kafka refuses",
          {{"reason", reason}, {"origin", why.origin}}});
    static_cast<void>(cursor_.report(held_, true, reason));
    live_.become(relay_role::stopped, reason);
    failure_.reset();
    fact_queue nothing;
    while (!stop.stop_requested() && !failure_) {
        live_.tick(options_.lease_ttl + io_bound);
        static_cast<void>(nothing.pop(stop, lease_clock_.renew_at()));
        if (!stop.stop_requested()) checkpoint(clock::now());
    }
    if (failure_) return fail();
    return close(tenure_end::kind::cut_short);
}

}  // namespace onceward::relay_core
