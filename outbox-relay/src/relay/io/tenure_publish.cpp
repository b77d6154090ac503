/// @file
/// In a lease's time: each event on its way, to Kafka or aside, and acknowledged.

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/faults.hpp"
#include "relay/io/tenure.hpp"

namespace onceward::relay_core {

namespace {

std::string held_is_full(std::size_t waiting, const router& routes) {
    return fmt::format(
        "{} events of held topics wait, as many as held-events-max allows: the whole shard waits "
        "now. Create or mend: {}",
        waiting, fmt::join(routes.held_topics(), ", "));
}

}  // namespace

void tenure::publish(const produce& p) {
    if (lease_clock_.over(clock::now())) {
        failure_ = refusal{.why = {.next = verdict::transient,
                                   .message = "the lease ran out before it could be renewed",
                                   .origin = "lease"}};
        return;
    }
    if (!p.what->events.empty()) {
        live_.histograms.batch.add(p.what->events.size());
        produced_at_.emplace(p.number, clock::now());
    }
    route(p);
    faults::crash_point("relay.after_produce");
    if (faults::planted("relay-early-checkpoint") && !failure_) {
        kept_by_plant_.insert(kept_by_plant_.end(), p.what->memory.begin(), p.what->memory.end());
        const std::size_t events = p.what->events.size();
        if (events > 0) acknowledge(p.number, events);
    }
}

/// What is not published needs no acknowledgement: it is a dead letter, or held from now on.
void tenure::route(const produce& p) {
    std::vector<event_ref> to_hold;
    std::size_t skipped = 0;
    for (const auto& e : p.what->events) {
        switch (router_.of(e)) {
            case way::publish:
                failure_ = sink_->produce(p.number, e);
                break;
            case way::hold:
                to_hold.push_back(ref_of(e));
                break;
            case way::skip:
                ++skipped;
                break;
        }
        if (failure_) return;
    }
    if (!to_hold.empty()) hold(to_hold);
    const std::size_t aside = to_hold.size() + skipped;
    if (aside == 0 || failure_) return;
    produced_at_.erase(p.number);  // what was not published took no time to be
    settle(p.number, aside);
}

void tenure::hold(const std::vector<event_ref>& events) {
    if (counts_.held_now + events.size() > options_.held_events_max) {
        failure_ = refusal{.why = {.next = verdict::transient,
                                   .message = held_is_full(counts_.held_now, router_),
                                   .origin = "held_full"}};
        return;
    }
    auto added = aside_.hold(held_, events);
    if (!added) {
        failure_ = refusal{.why = added.error()};
        return;
    }
    counts_.held += *added;
    counts_.held_now += *added;
}

void tenure::acknowledge(std::uint64_t number, std::size_t events) {
    settle(number, events);
    counts_.published += events;
    live_.published();
    if (!reported_.empty()) {
        static_cast<void>(cursor_.report(held_, false, ""));
        reported_.clear();
    }
}

/// By piece, for this is a loop over events that are published: one look at the clocks, no locks.
void tenure::measure(std::uint64_t number, const piece& whole) {
    const auto begun = produced_at_.extract(number);
    if (begun.empty()) return;
    const auto taken = clock::now() - begun.mapped();
    live_.histograms.publish.add(metrics::duration_units(taken));
    const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())
                         .time_since_epoch()
                         .count();
    metrics::tally ages;
    for (const auto& e : whole.events)
        ages.add(static_cast<std::uint64_t>(std::max<std::int64_t>(now - e.created_ms, 0)));
    live_.histograms.end_to_end.add(ages);
}

/// So many events of a piece need no more care.
void tenure::settle(std::uint64_t number, std::size_t events) {
    if (const piece* whole = pipeline_.completed_by(number, events)) measure(number, *whole);
    pipeline_.acknowledged(number, events);
    unacknowledged_ -= events;
    acknowledged_ += events;
}

}  // namespace onceward::relay_core
