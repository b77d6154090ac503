#include "relay/io/reader.hpp"

#include "relay/core/poll_capture.hpp"
#include "relay/io/pause.hpp"
#include "relay/io/pg_outbox_reader.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

reader::reader(const relay_options& options, const lease& held, fact_queue& facts)
    : options_(options),
      held_(held),
      facts_(facts),
      reached_(held.start.lo),
      pause_(options.poll_min),
      thread_([this](std::stop_token stop) { run(stop); }) {}

reader::~reader() {
    thread_.request_stop();
    credits_.release();
}

void reader::run(std::stop_token stop) {
    auto session = open_reader_session(options_);
    if (!session) return facts_.push(read_failed{session.error()});
    pg_outbox_reader outbox(std::move(*session), options_.schema, options_.shard, held_,
                            options_.piece_events, options_.piece_bytes);
    poll_capture engine(outbox, held_.start, {options_.piece_events, options_.piece_bytes});
    for (;;) {
        credits_.acquire();
        if (stop.stop_requested()) return;
        auto p = next_piece(engine, stop);
        if (!p) return facts_.push(read_failed{p.error()});
        facts_.push(piece_read{std::move(*p)});
    }
}

/// Reads until there is something to tell, at the pace of the events.
result<piece> reader::next_piece(capture& from, const std::stop_token& stop) {
    for (;;) {
        if (!rested_) pause(stop, pause_);
        auto p = from.read();
        if (!p) return p;
        const bool empty = p->events.empty();
        rested_ = p->events.size() * 2 >= options_.piece_events || !p->end.hi.empty();
        pause_ = empty ? std::min(pause_ * 2, options_.poll_max) : options_.poll_min;
        const bool moved = p->end.lo != std::exchange(reached_, p->end.lo);
        if (!empty || moved || stop.stop_requested()) return p;
    }
}

}  // namespace onceward::relay_core
