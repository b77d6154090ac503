#include "relay/core/poll_capture.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "relay/core/life.hpp"

namespace onceward::relay_core {

namespace {

snapshot parsed(const std::string& text) {
    auto s = snapshot::parse(text);
    if (!s)
        throw std::invalid_argument("relay_cursor holds \"" + text + "\", which is no snapshot");
    return *s;
}

}  // namespace

poll_capture::poll_capture(outbox_reader& reader, const position& start, piece_limits limits)
    : reader_(reader), limits_(limits), lo_(parsed(start.lo)), lo_text_(start.lo) {
    if (!start.hi.empty()) {
        static_cast<void>(parsed(start.hi));
        resume_ = start;
    }
}

result<piece> poll_capture::read() {
    if (resume_) {
        // The stored end is resumed and never taken anew: another one would skip what the stored
        // progress does not cover.
        if (auto r = open_large(parsed(resume_->hi), resume_->done_seq); !r) return r.error();
        resume_.reset();
    }
    return large_ ? read_large() : read_small();
}

/// What the start saw stays read. The end sees it too, but where the start was made by the WAL
/// engine: there a transaction may be read that is not visible yet.
void poll_capture::close_window(const snapshot& hi) {
    lo_ = united(lo_, hi);
    lo_text_ = lo_.to_string();
}

piece poll_capture::nothing() const {
    piece p;
    p.end.lo = lo_text_;
    return p;
}

result<piece> poll_capture::read_small() {
    auto w = reader_.open(lo_);
    if (!w) return w.error();
    if (!w->alive) return life_is_gone();
    if (w->hi == lo_) return nothing();
    if (w->complete && w->events.events.empty()) return skip_empty(*w);
    if (auto r = make_durable(w->wal_end, w->durable); !r) return r.error();
    if (w->complete) return finish_small(std::move(*w));
    if (auto r = open_large(w->hi, 0); !r) return r.error();
    return read_large();
}

/// An empty window need not be closed: where its end is not known to be durable, it stays open and
/// the next read sees a later one.
result<piece> poll_capture::skip_empty(const opened_window& w) {
    if (w.durable) close_window(w.hi);
    return nothing();
}

result<piece> poll_capture::finish_small(opened_window w) {
    auto& events = w.events.events;
    std::sort(events.begin(), events.end(),
              [](const captured_event& a, const captured_event& b) { return a.seq < b.seq; });
    close_window(w.hi);
    piece p = nothing();
    for (const auto& e : events) p.bytes += e.bytes();
    p.events = std::move(events);
    p.memory.push_back(std::move(w.events.memory));
    return p;
}

result<done> poll_capture::make_durable(const std::string& wal_end, bool durable) {
    if (durable) return done{};
    auto c = reader_.confirm(wal_end);
    if (!c) return c.error();
    if (c->alive && !c->durable) {
        c = reader_.barrier();
        if (!c) return c.error();
    }
    if (!c->alive) return life_is_gone();
    return done{};
}

result<done> poll_capture::open_large(const snapshot& hi, std::int64_t after) {
    auto late = reader_.with_rows(latecomers(lo_, hi));
    if (!late) return late.error();
    auto floor = reader_.floor(lo_, hi);
    if (!floor) return floor.error();
    window_merge merge(1 + late->size());
    merge.start_after(after);
    merge.start_run_after(0, *floor);
    large_.emplace(large_window{hi, hi.to_string(), std::move(*late), std::move(merge)});
    return done{};
}

/// Feeds every run that has nothing waiting. The bounds are shared between the runs.
result<done> poll_capture::feed_large() {
    const std::size_t runs = 1 + large_->latecomers.size();
    const std::size_t events_max = std::max<std::size_t>(limits_.events_max / runs, 16);
    const std::size_t bytes_max = std::max<std::size_t>(limits_.bytes_max / runs, 1);
    while (const auto run = large_->merge.starving()) {
        const run_query query{.latecomer = *run == 0 ? 0 : large_->latecomers[*run - 1],
                              .after = large_->merge.after(*run)};
        auto c = reader_.read_run(lo_, large_->hi, query, events_max, bytes_max);
        if (!c) return c.error();
        large_->merge.feed(*run, std::move(c->events), c->last);
    }
    return done{};
}

result<piece> poll_capture::read_large() {
    piece p = nothing();
    while (p.events.size() < limits_.events_max && p.bytes < limits_.bytes_max) {
        if (auto r = feed_large(); !r) return r.error();
        const std::size_t before = p.events.size();
        large_->merge.take(p, limits_.events_max, limits_.bytes_max);
        if (large_->merge.finished() || p.events.size() == before) break;
    }
    // Whatever was read, it was read in the life that this statement still finds.
    auto c = reader_.confirm({});
    if (!c) return c.error();
    if (!c->alive) return life_is_gone();
    if (large_->merge.finished()) {
        close_window(large_->hi);
        large_.reset();
        p.end.lo = lo_text_;
    } else {
        p.end = {.lo = lo_text_, .hi = large_->hi_text, .done_seq = p.events.back().seq};
    }
    return p;
}

}  // namespace onceward::relay_core
