#include "relay/io/tenure.hpp"

#include <algorithm>
#include <utility>

#include "faults/faults.hpp"
#include "relay/io/kafka_reach.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

tenure::tenure(const relay_options& options, cursor_store& cursor, lease held,
               clock::time_point asked_at, std::size_t isolate, live_state& live,
               const relay::log_sink& log)
    : options_(options),
      cursor_(cursor),
      held_(std::move(held)),
      isolate_(isolate),
      live_(live),
      counts_(live.counts),
      log_(log),
      lease_clock_(options.lease_ttl, asked_at),
      pipeline_(options.in_flight_bytes, options.piece_bytes),
      stored_(held_.start),
      stored_at_(asked_at),
      reported_(held_.reason) {
    live_.leased_until(asked_at + options.lease_ttl);
}

tenure_end tenure::run(std::stop_token stop) {
    failure_ = start();
    std::optional<tenure_end> end;
    while (!end) end = failure_ ? fail() : step(stop);
    reader_.reset();
    sink_.reset();  // before the pieces that its messages point into
    if (end->why && end->why->next == verdict::rejected && isolate_ > 0) {
        return stop_at_poison(stop, *end->why);
    }
    return *end;
}

std::optional<failure> tenure::start() {
    sink_reports reports{
        .acknowledged =
            [this](std::uint64_t number, std::size_t n) {
                facts_.push(events_acknowledged{number, n});
            },
        .failed = [this](failure why) { facts_.push(sink_failed{std::move(why)}); },
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
    auto sink = kafka_sink::open(options_, isolate_ > 0, std::move(reports), pin);
    if (!sink) return sink.error();
    sink_ = std::move(*sink);
    reader_ = std::make_unique<reader>(options_, held_, facts_, live_, log_);
    return std::nullopt;
}

/// Carries out all commands, then waits for facts or a deadline.
std::optional<tenure_end> tenure::step(const std::stop_token& stop) {
    live_.tick(options_.lease_ttl + io_bound);
    const bool stopping = stop.stop_requested();
    if (stopping && !drain_by_) {
        pipeline_.drain();
        drain_by_ = clock::now() + options_.stop_timeout;
    }
    carry_out_commands();
    const auto now = clock::now();
    if (!failure_) checkpoint_if_due(now);
    if (failure_) return std::nullopt;
    if (auto end = ended(now, stopping)) return end;
    // Once stopping, the token is always set and would keep `pop` from waiting.
    take_facts(stopping ? std::stop_token{} : stop, wake_at(stopping));
    return std::nullopt;
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

tenure::clock::time_point tenure::wake_at(bool stopping) const {
    auto at = lease_clock_.renew_at();
    if (store_soon_) at = std::min(at, stored_at_ + options_.checkpoint_interval);
    if (stopping) at = std::min(at, clock::now() + std::chrono::milliseconds(20));
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
        if (!failure_) failure_ = std::move(refused->why);
    } else if (auto* broken = std::get_if<read_failed>(&f)) {
        if (!failure_) failure_ = std::move(broken->why);
    }
}

void tenure::acknowledge(std::uint64_t number, std::size_t events) {
    pipeline_.acknowledged(number, events);
    unacknowledged_ -= events;
    acknowledged_ += events;
    counts_.published += events;
    live_.published();
    if (!reported_.empty()) {
        static_cast<void>(cursor_.report(held_, false, ""));
        reported_.clear();
    }
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
        failure_ = failure{.next = verdict::transient,
                           .message = "the lease ran out before it could be renewed",
                           .origin = "lease"};
        return;
    }
    if (auto r = sink_->produce(p.number, *p.what); !r) failure_ = r.error();
    faults::crash_point("relay.after_produce");
    if (faults::planted("relay-early-checkpoint") && !failure_) {
        kept_by_plant_.insert(kept_by_plant_.end(), p.what->memory.begin(), p.what->memory.end());
        const std::size_t events = p.what->events.size();
        if (events > 0) acknowledge(p.number, events);
    }
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
        failure_ = r.error();
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
    if (isolate_ > 0 && acknowledged_ >= isolate_ && !stopping) {
        checkpoint(now);
        return tenure_end{.how = tenure_end::kind::isolated, .made_progress = true};
    }
    if (!stopping) return std::nullopt;
    const bool all_through = unacknowledged_ == 0;
    if (!all_through && now < *drain_by_) return std::nullopt;
    return close(all_through ? tenure_end::kind::drained : tenure_end::kind::cut_short);
}

tenure_end tenure::close(tenure_end::kind how) {
    checkpoint(clock::now());
    if (failure_) return fail();
    static_cast<void>(cursor_.release(held_));
    return {.how = how, .made_progress = acknowledged_ > 0};
}

tenure_end tenure::fail() {
    return {.how = tenure_end::kind::failed,
            .why = failure_,
            .unacknowledged = unacknowledged_,
            .made_progress = acknowledged_ > 0};
}

/// A message that is refused alone can never be published. Nothing is skipped: the shard keeps its
/// lease, says what is wrong, and waits for a person.
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
