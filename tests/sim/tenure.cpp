#include "tenure.hpp"

#include <utility>

#include <fmt/format.h>

#include "captures.hpp"

namespace onceward::sim {

using namespace relay_core;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds stop_timeout{150};

tenure::time at_ms(std::int64_t ms) {
    return tenure::time{milliseconds{ms}};
}

}  // namespace

tenure::tenure(environment& env, pg_server& server, broker& kafka, sim::cursor_store& cursor,
               relay_process& owner, lease held, std::int64_t asked_at, heritage inherited)
    : env_(env),
      server_(server),
      cursor_(cursor),
      owner_(owner),
      held_(std::move(held)),
      found_(cursor.found()),
      number_(inherited.number),
      one_by_one_(inherited.one_by_one),
      router_(std::move(inherited.known)),
      lease_clock_(milliseconds{env.faults.lease_ttl}, at_ms(asked_at - owner.clock_behind)),
      pipeline_(env.faults.in_flight_bytes, env.faults.piece_bytes, 0),
      reader_(env, server, owner, held_.id),
      capture_(make_capture(env, reader_, held_.start)),
      reached_(held_.start.lo),
      stored_(held_.start),
      stored_at_(local_now()) {
    producer_ = kafka.connect(
        number_, one_by_one_ > 0,
        {.acknowledged =
             [this](std::uint64_t piece, std::size_t n) {
                 facts_.push_back(events_acknowledged{piece, n});
             },
         .failed = [this](refusal what) { facts_.push_back(sink_failed{std::move(what)}); }});
}

tenure::~tenure() {
    producer_->destroy();  // before the pieces that its messages point into
    env_.truth.tenure_ended(number_);
}

tenure::time tenure::local_now() const {
    return at_ms(env_.now - owner_.clock_behind);
}

void tenure::maybe_die() {
    if (!env_.random.chance(env_.faults.kill_relay)) return;
    owner_.killed = true;
    throw process_killed{};
}

void tenure::core_step(bool stopping) {
    stopping_ = stopping;
    if ((stopping || renewing_) && !drain_by_) {
        pipeline_.drain();
        drain_by_ = local_now() + stop_timeout;
    }
    apply_some_facts();
    while (!failure_) {
        auto c = pipeline_.next();
        if (!c) break;
        execute(std::move(*c));
    }
    if (pipeline_.in_flight_bytes() > env_.faults.in_flight_bytes) {
        env_.truth.broken(promise::bounded,
                          fmt::format("{} bytes are in flight, {} are allowed",
                                      pipeline_.in_flight_bytes(), env_.faults.in_flight_bytes));
    }
    if (!failure_) checkpoint_if_due();
    if (!failure_) decide_end(stopping);
    if (failure_) fail();
}

/// What was acknowledged before a refusal need not be sent again, one by one.
void tenure::fail() {
    const refusal why = failure_.value();
    if (why.why.next == verdict::rejected) checkpoint();
    failure_ = why;
    end_ = ending::failed;
}

/// Not always all that have come: the others arrive just behind.
void tenure::apply_some_facts() {
    for (std::size_t n = env_.random.below(facts_.size() + 1); n > 0; --n) {
        auto f = std::move(facts_.front());
        facts_.pop_front();
        apply(std::move(f));
    }
}

void tenure::apply(fact f) {
    if (auto* read = std::get_if<piece_read>(&f)) {
        maybe_die();
        unacknowledged_ += read->what.events.size();
        pipeline_.read(std::move(read->what));
    } else if (auto* acked = std::get_if<events_acknowledged>(&f)) {
        if (env_.bug != plant::early_ack) acknowledge(acked->number, acked->events);
    } else if (auto* refused = std::get_if<sink_failed>(&f)) {
        if (!failure_) failure_ = std::move(refused->what);
    } else if (auto* broken = std::get_if<read_failed>(&f)) {
        if (broken->why.origin == "fenced") env_.seen.sometimes(seen::life_was_gone);
        if (!failure_) failure_ = refusal{.why = std::move(broken->why)};
    }
}

void tenure::acknowledge(std::uint64_t number, std::size_t events) {
    pipeline_.acknowledged(number, events);
    unacknowledged_ -= events;
    acknowledged_ += events;
    if (env_.bug == plant::hasty_pipeline) advance_hastily(number, events);
}

void tenure::advance_hastily(std::uint64_t number, std::size_t events) {
    auto& [left, end] = unfinished_[number];
    left -= events;
    if (left > 0) return;
    to_store_ = end;
    store_soon_ = true;
}

void tenure::execute(command c) {
    if (std::holds_alternative<read_more>(c)) {
        if (drain_by_) env_.truth.broken(promise::live, "it reads on though it is to stop");
        credit_ = true;
    } else if (const auto* p = std::get_if<relay_core::produce>(&c)) {
        publish(*p);
    } else if (auto* a = std::get_if<advance>(&c)) {
        if (env_.bug == plant::hasty_pipeline || env_.bug == plant::never_advance) return;
        to_store_ = std::move(a->to);
        store_soon_ = store_soon_ || a->has_events;
    }
}

void tenure::publish(const relay_core::produce& p) {
    if (lease_clock_.over(local_now())) {
        env_.seen.sometimes(seen::lease_ran_out);
        failure_ = refusal{.why = {.next = verdict::transient,
                                   .message = "the lease ran out before it could be renewed",
                                   .origin = "lease"}};
        return;
    }
    if (env_.bug == plant::hasty_pipeline && !p.what->events.empty()) {
        unfinished_[p.number] = {p.what->events.size(), p.what->end};
    }
    std::size_t skipped = 0;
    for (const auto& e : p.what->events) {
        if (router_.of(e) == way::publish) {
            produce_event(p.number, e);
        } else {
            ++skipped;
        }
    }
    if (skipped > 0) env_.seen.sometimes(seen::tombstone_skipped);
    server_.maybe_crash(env_.faults.crash_between_steps);
    maybe_die();
    if (env_.bug == plant::early_ack && !p.what->events.empty()) {
        kept_.insert(kept_.end(), p.what->memory.begin(), p.what->memory.end());
        skipped = p.what->events.size();
    }
    if (skipped > 0) acknowledge(p.number, skipped);
}

void tenure::produce_event(std::uint64_t number, const captured_event& e) {
    if (env_.random.chance(env_.faults.stall_publish)) {
        const std::int64_t length = env_.random.between(1, env_.faults.lease_ttl * 3);
        owner_.paused_until = env_.now + length;
        if (env_.faults.clock_stops) owner_.clock_behind += length;
        env_.stand_still(length);
        if (owner_.killed) throw process_killed{};
    }
    bool passed = false;
    for (const auto& row : server_.rows()) {
        if (row.id.raw() == e.id && row.seq == e.seq) passed = found_.passes(row);
    }
    env_.trace("{} produces seq {}", held_.id, e.seq);
    env_.truth.produced(number_, held_.epoch, message_id(e.id), passed);
    producer_->produce(number, e);
}

void tenure::checkpoint_if_due() {
    const auto now = local_now();
    const auto interval = milliseconds{env_.faults.checkpoint_interval};
    if ((store_soon_ && now >= stored_at_ + interval) || now >= lease_clock_.renew_at()) {
        checkpoint();
    }
}

void tenure::checkpoint() {
    maybe_die();
    const auto now = local_now();
    const position to = to_store_.value_or(stored_);
    auto r = cursor_.store(held_, to);
    if (!r) {
        failure_ = refusal{.why = r.error()};
        return;
    }
    maybe_die();
    lease_clock_.renewed(now);
    stored_ = to;
    stored_at_ = now;
    to_store_.reset();
    store_soon_ = false;
}

void tenure::decide_end(bool stopping) {
    if (one_by_one_ > 0 && acknowledged_ >= one_by_one_) renewing_ = true;
    if (!drain_by_) return;
    const bool all_through = unacknowledged_ == 0;
    if (!all_through && local_now() < *drain_by_) return;
    checkpoint();
    if (failure_) return;
    if (!stopping) {
        end_ = ending::renewed;
        return;
    }
    static_cast<void>(cursor_.release(held_));
    if (all_through) env_.seen.sometimes(seen::relay_drained);
    end_ = all_through ? ending::drained : ending::cut_short;
    if (all_through) check_drained();
}

/// What a drained relay has published is behind the cursor: a successor repeats none of it.
void tenure::check_drained() {
    const reach stored(stored_);
    for (const auto& row : server_.rows()) {
        if (env_.truth.has_produced(number_, row.id) && !stored.passes(row)) {
            env_.truth.broken(promise::frugal,
                              fmt::format("a drained relay leaves seq {} to be repeated", row.seq));
        }
    }
}

/// The reader's thread: one piece for each credit, at the pace of the events.
void tenure::reader_step() {
    if (!credit_ || reader_busy_ || end_) return;
    reader_busy_ = true;
    struct leave {
        bool& busy;
        ~leave() { busy = false; }
    } on_leave{reader_busy_};
    auto p = capture_->read();
    if (!p) {
        credit_ = false;
        facts_.push_back(read_failed{p.error()});
        return;
    }
    check_piece(*p);
    const bool moved = p->end.lo != std::exchange(reached_, p->end.lo);
    if (p->events.empty() && !moved && !stopping_) return;
    credit_ = false;
    facts_.push_back(piece_read{std::move(*p)});
}

void tenure::check_piece(const piece& p) {
    std::size_t bytes = 0;
    for (const auto& e : p.events) bytes += e.bytes();
    const bool fits = p.events.size() <= env_.faults.piece_events &&
                      (bytes <= env_.faults.piece_bytes || p.events.size() == 1);
    if (bytes == p.bytes && fits) return;
    env_.truth.broken(promise::bounded,
                      fmt::format("a piece has {} events and {} bytes ({} counted); {} and {} are "
                                  "allowed",
                                  p.events.size(), bytes, p.bytes, env_.faults.piece_events,
                                  env_.faults.piece_bytes));
}

}  // namespace onceward::sim
