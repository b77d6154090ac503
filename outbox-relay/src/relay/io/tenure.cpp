/// @file
/// A lease's time goes round: carry out commands, wait for facts, store the cursor.

#include "relay/io/tenure.hpp"

#include <algorithm>
#include <utility>

#include "faults/faults.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

tenure::tenure(const relay_options& options, stores db, lease held, clock::time_point asked_at,
               std::size_t one_by_one, message_limits& limits, live_state& live,
               const relay::log_sink& log)
    : options_(options),
      cursor_(db.cursor),
      aside_(db.aside),
      held_(std::move(held)),
      one_by_one_(one_by_one),
      limits_(limits),
      live_(live),
      counts_(live.counts),
      log_(log),
      lease_clock_(options.lease_ttl, asked_at),
      pipeline_(options.in_flight_bytes, options.piece_bytes, kafka_sink::bytes_beside),
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
    if (end->why && end->why->why.origin == kafka_sink::smaller_batches_asked) {
        log_({level::info, end->why->why.message, {}});
        end->how = tenure_end::kind::renewed;
    }
    const bool at_fault = end->why && end->why->event && end->why->why.next == verdict::rejected;
    return at_fault ? refused_alone(stop, std::move(*end)) : *end;
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

void tenure::checkpoint_if_due(clock::time_point now) {
    const bool soon = store_soon_ && now >= stored_at_ + options_.checkpoint_interval;
    if (soon || now >= lease_clock_.renew_at()) checkpoint(now);
}

/// Stores the newest position and renews the lease, in one commit.
void tenure::checkpoint(clock::time_point now) {
    faults::crash_point("relay.before_checkpoint");
    const position to = to_store_.value_or(stored_);
    const auto begun = clock::now();
    auto r = cursor_.store(held_, to);
    live_.histograms.checkpoint.add(metrics::duration_units(clock::now() - begun));
    if (!r) {
        failure_ = refusal{.why = r.error()};
        return;
    }
    faults::crash_point("relay.after_checkpoint");
    lease_clock_.renewed(now);
    live_.leased_until(now + options_.lease_ttl);
    stored_ = to;
    if (reader_) reader_->stored(to.wal);
    stored_at_ = now;
    to_store_.reset();
    store_soon_ = false;
}

}  // namespace onceward::relay_core
