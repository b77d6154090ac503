#include "relay/io/held_drain.hpp"

#include <limits>
#include <vector>

namespace onceward::relay_core {

namespace {

/// No piece of the pipeline has this number.
constexpr std::uint64_t drain_number = std::numeric_limits<std::uint64_t>::max();
constexpr std::chrono::milliseconds renew_every{200};

failure stopped_early() {
    return {.next = verdict::in_doubt,
            .message =
                "stopped before all held events were acknowledged; the next start repeats "
                "some of them",
            .origin = "stopped"};
}

std::vector<event_ref> refs_of(const chunk& c) {
    std::vector<event_ref> refs;
    for (const auto& e : c.events) refs.push_back(ref_of(e));
    return refs;
}

}  // namespace

std::optional<refusal> held_drain::run(router& routes, const std::stop_token& stop) {
    const auto topics = routes.held_topics();
    for (const auto& topic : topics) {
        if (!sink_.can_publish_to(topic)) continue;
        if (auto r = drain(topic, stop)) return r;
        if (halted_) return std::nullopt;
        if (auto released = aside_.release_topic(lease_, topic); !released) {
            return refusal{.why = released.error()};
        }
        routes.release(topic);
    }
    return std::nullopt;
}

std::optional<refusal> held_drain::drain(const std::string& topic, const std::stop_token& stop) {
    while (goes_on(stop)) {
        auto c = aside_.held(topic, options_.piece_events, options_.piece_bytes);
        if (!c) return refusal{.why = c.error()};
        if (c->events.empty()) return std::nullopt;
        in_flight_ = std::move(*c);
        if (auto r = publish(in_flight_, stop)) return r;
        if (auto gone = aside_.unhold(lease_, refs_of(in_flight_)); !gone) {
            return refusal{.why = gone.error()};
        }
    }
    return std::nullopt;
}

bool held_drain::goes_on(const std::stop_token& stop) {
    halted_ = halted_ || stop.stop_requested() || paused_();
    return !halted_;
}

/// Once stopping, what is in flight has `stop_timeout` to arrive.
std::optional<refusal> held_drain::publish(const chunk& c, const std::stop_token& stop) {
    std::optional<clock::time_point> give_up_at;
    counts_.in_flight = c.events.size();
    for (const auto& e : c.events) {
        if (auto r = sink_.produce(drain_number, e)) return r;
    }
    while (counts_.in_flight > 0) {
        if (auto why = renew_()) return refusal{.why = std::move(*why)};
        if (auto r = next_report()) return r;
        if (!stop.stop_requested()) continue;
        if (!give_up_at) give_up_at = clock::now() + options_.stop_timeout;
        if (clock::now() >= *give_up_at) return refusal{.why = stopped_early()};
    }
    return std::nullopt;
}

/// Takes the sink's next report, or none when a moment passes without one.
std::optional<refusal> held_drain::next_report() {
    auto f = facts_.pop(std::stop_token{}, clock::now() + renew_every);
    if (!f) return std::nullopt;
    if (auto* failed = std::get_if<sink_failed>(&*f)) return std::move(failed->what);
    if (const auto* acked = std::get_if<events_acknowledged>(&*f)) {
        counts_.in_flight -= acked->events;
        counts_.published += acked->events;
    }
    return std::nullopt;
}

}  // namespace onceward::relay_core
