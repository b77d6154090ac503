#include "relay/io/tenure.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/faults.hpp"
#include "relay/io/kafka_reach.hpp"
#include "relay/io/pause_reason.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

namespace {

std::string held_is_full(std::size_t waiting, const router& routes) {
    return fmt::format(
        "{} events of held topics wait, as many as held-events-max allows: the whole shard waits "
        "now. Create or mend: {}",
        waiting, fmt::join(routes.held_topics(), ", "));
}

}  // namespace

tenure::tenure(const relay_options& options, stores db, lease held, clock::time_point asked_at,
               std::size_t one_by_one, live_state& live, const relay::log_sink& log)
    : options_(options),
      cursor_(db.cursor),
      aside_(db.aside),
      held_(std::move(held)),
      one_by_one_(one_by_one),
      live_(live),
      counts_(live.counts),
      log_(log),
      lease_clock_(options.lease_ttl, asked_at),
      pipeline_(options.in_flight_bytes, options.piece_bytes),
      stored_(held_.start),
      stored_at_(asked_at),
      probe_at_(asked_at + options.hold_grace),
      reported_(held_.reason) {
    live_.leased_until(asked_at + options.lease_ttl);
}

tenure_end tenure::run(std::stop_token stop) {
    failure_ = start(stop);
    std::optional<tenure_end> end;
    while (!end) end = failure_ ? fail() : step(stop);
    reader_.reset();
    sink_.reset();  // before the pieces that its messages point into
    const bool at_fault = end->why && end->why->event && end->why->why.next == verdict::rejected;
    return at_fault ? refused_alone(stop, std::move(*end)) : *end;
}

/// What waits of held topics comes first; only then is anything newer read.
std::optional<refusal> tenure::start(const std::stop_token& stop) {
    auto known = aside_.load(held_);
    if (!known) return refusal{.why = known.error()};
    router_ = router(std::move(*known));
    auto sink = open_sink();
    if (!sink) return refusal{.why = sink.error()};
    sink_ = std::move(*sink);
    if (auto r = drain_held(stop)) return r;
    reader_ = std::make_unique<reader>(options_, held_, facts_, live_, log_);
    return std::nullopt;
}

result<std::unique_ptr<kafka_sink>> tenure::open_sink() {
    sink_reports reports{
        .acknowledged =
            [this](std::uint64_t number, std::size_t n) {
                facts_.push(events_acknowledged{number, n});
            },
        .failed = [this](refusal what) { facts_.push(sink_failed{std::move(what)}); },
        .trouble = [this](std::string reason) { facts_.push(sink_in_trouble{std::move(reason)}); },
        .statistics = [this](std::string_view json) { live_.kafka(kafka_reach(json)); }};
    const auto pin = [this](const std::string& topic, int found) -> result<int> {
        auto pinned = cursor_.pin_partitions(topic, found);
        if (!pinned || *pinned == found) return pinned;
        return failure{
            .next = verdict::transient,
            .message =
                "topic " + topic + " has " + std::to_string(found) + " partitions, but " +
                std::to_string(*pinned) +
                " when it was first published to: publishing on would "
                "move keys and break their order; see docs/operations.md, \"More partitions\"",
            .origin = "topic_pin"};
    };
    return kafka_sink::open(options_, one_by_one_ > 0, std::move(reports), pin);
}

std::optional<refusal> tenure::drain_held(const std::stop_token& stop) {
    if (router_.held_topics().empty()) {
        counts_.held_now = 0;
        return std::nullopt;
    }
    const auto renew = [this]() -> std::optional<failure> {
        live_.tick(options_.lease_ttl + io_bound);
        checkpoint_if_due(clock::now());
        return failure_ ? std::optional(failure_->why) : std::nullopt;
    };
    // Who cannot be asked might have paused.
    const auto paused = [this] {
        const auto reason = pause_reason(options_);
        return !reason || !reason->empty();
    };
    drain_ = std::make_unique<held_drain>(aside_, *sink_, facts_, held_, options_, renew, paused);
    auto ended_early = drain_->run(router_, stop);
    acknowledged_ += drain_->count().published;
    counts_.published += drain_->count().published;
    if (ended_early) return ended_early;
    auto left = aside_.count_held(held_);
    if (!left) return refusal{.why = left.error()};
    counts_.held_now = *left;
    return std::nullopt;
}

/// Carries out all commands, then waits for facts or a deadline.
std::optional<tenure_end> tenure::step(const std::stop_token& stop) {
    live_.tick(options_.lease_ttl + io_bound);
    const bool stopping = stop.stop_requested();
    if ((stopping || renewing_) && !drain_by_) {
        pipeline_.drain();
        drain_by_ = clock::now() + options_.stop_timeout;
    }
    carry_out_commands();
    const auto now = clock::now();
    if (!failure_) checkpoint_if_due(now);
    if (failure_) return std::nullopt;
    if (auto end = ended(now, stopping)) return end;
    if (!renewing_ && !stopping && now >= probe_at_) probe_held_topics(now);
    // Once stopping, the token is always set and would keep `pop` from waiting.
    take_facts(stopping ? std::stop_token{} : stop, wake_at(stopping || renewing_));
    return std::nullopt;
}

/// A held topic that can be published to again ends this tenure: the next one begins with what
/// waits of it.
void tenure::probe_held_topics(clock::time_point now) {
    probe_at_ = now + options_.hold_grace;
    if (live_.look().role == relay_role::paused) return;
    for (const auto& topic : router_.held_topics()) {
        if (!sink_->can_publish_to(topic)) continue;
        log_({level::info, "a held topic can be published to again", {{"topic", topic}}});
        renewing_ = true;
        return;
    }
}

void tenure::carry_out_commands() {
    while (!failure_) {
        auto c = pipeline_.next();
        if (!c) break;
        execute(std::move(*c));
    }
    counts_.in_flight_bytes = pipeline_.in_flight_bytes();
}

void tenure::take_facts(const std::stop_token& stop, clock::time_point until) {
    auto f = facts_.pop(stop, until);
    while (f) {
        apply(std::move(*f));
        f = facts_.pop(stop, clock::time_point::min());
    }
}

tenure::clock::time_point tenure::wake_at(bool ending) const {
    auto at = lease_clock_.renew_at();
    if (!router_.held_topics().empty()) at = std::min(at, probe_at_);
    if (store_soon_) at = std::min(at, stored_at_ + options_.checkpoint_interval);
    if (ending) at = std::min(at, clock::now() + std::chrono::milliseconds(20));
    return at;
}

void tenure::apply(fact f) {
    if (auto* read = std::get_if<piece_read>(&f)) {
        faults::crash_point("relay.after_read");
        counts_.read += read->what.events.size();
        unacknowledged_ += read->what.events.size();
        if (read->what.end.hi.empty()) ++counts_.windows;
        pipeline_.read(std::move(read->what));
    } else if (auto* acked = std::get_if<events_acknowledged>(&f)) {
        if (!faults::planted("relay-early-checkpoint")) acknowledge(acked->number, acked->events);
    } else if (auto* trouble = std::get_if<sink_in_trouble>(&f)) {
        log_({level::warning, "Kafka is in trouble", {{"reason", trouble->reason}}});
        live_.kafka({relay_connection::reach::down, trouble->reason});
        if (reported_ != trouble->reason)
            static_cast<void>(cursor_.report(held_, false, trouble->reason));
        reported_ = trouble->reason;
    } else if (auto* refused = std::get_if<sink_failed>(&f)) {
        if (!failure_) failure_ = std::move(refused->what);
    } else if (auto* broken = std::get_if<read_failed>(&f)) {
        if (!failure_) failure_ = refusal{.why = std::move(broken->why)};
    }
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

/// So many events of a piece need no more care.
void tenure::settle(std::uint64_t number, std::size_t events) {
    pipeline_.acknowledged(number, events);
    unacknowledged_ -= events;
    acknowledged_ += events;
}

void tenure::execute(command c) {
    if (std::holds_alternative<read_more>(c)) {
        reader_->read_more();
    } else if (const auto* p = std::get_if<produce>(&c)) {
        publish(*p);
    } else if (auto* a = std::get_if<advance>(&c)) {
        to_store_ = std::move(a->to);
        store_soon_ = store_soon_ || a->has_events;
    }
}

void tenure::publish(const produce& p) {
    if (lease_clock_.over(clock::now())) {
        failure_ = refusal{.why = {.next = verdict::transient,
                                   .message = "the lease ran out before it could be renewed",
                                   .origin = "lease"}};
        return;
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
    if (aside > 0 && !failure_) settle(p.number, aside);
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

void tenure::checkpoint_if_due(clock::time_point now) {
    const bool soon = store_soon_ && now >= stored_at_ + options_.checkpoint_interval;
    if (soon || now >= lease_clock_.renew_at()) checkpoint(now);
}

/// Stores the newest position and renews the lease, in one commit.
void tenure::checkpoint(clock::time_point now) {
    faults::crash_point("relay.before_checkpoint");
    const position to = to_store_.value_or(stored_);
    auto r = cursor_.store(held_, to);
    if (!r) {
        failure_ = refusal{.why = r.error()};
        return;
    }
    faults::crash_point("relay.after_checkpoint");
    lease_clock_.renewed(now);
    live_.leased_until(now + options_.lease_ttl);
    stored_ = to;
    stored_at_ = now;
    to_store_.reset();
    store_soon_ = false;
}

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
