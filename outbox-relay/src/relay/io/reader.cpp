#include "relay/io/reader.hpp"

#include "relay/core/poll_capture.hpp"
#include "relay/io/pause.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

/// A pause takes effect within this time.
constexpr std::chrono::milliseconds pause_check_interval{100};

/// The answer to whom nobody listens any more.
failure stopping() {
    return {.next = verdict::transient, .message = "the reader stops", .origin = "stop"};
}

}  // namespace

reader::reader(const relay_options& options, const lease& held, fact_queue& facts, live_state& live,
               const relay::log_sink& log)
    : options_(options),
      held_(held),
      facts_(facts),
      live_(live),
      log_(log),
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
        auto p = next_piece(engine, outbox, stop);
        if (!p) return facts_.push(read_failed{p.error()});
        facts_.push(piece_read{std::move(*p)});
    }
}

/// Reads until there is something to tell, at the pace of the events.
result<piece> reader::next_piece(capture& from, pg_outbox_reader& outbox,
                                 const std::stop_token& stop) {
    for (;;) {
        if (!rested_) pause(stop, pause_);
        if (auto r = wait_while_paused(outbox, stop); !r) return r.error();
        if (stop.stop_requested()) return stopping();
        auto p = from.read();
        if (!p) return p;
        const bool empty = p->events.empty();
        rested_ = p->events.size() * 2 >= options_.piece_events || !p->end.hi.empty();
        pause_ = empty ? std::min(pause_ * 2, options_.poll_max) : options_.poll_min;
        const bool moved = p->end.lo != std::exchange(reached_, p->end.lo);
        if (!empty || moved || stop.stop_requested()) return p;
    }
}

/// Returns when nobody has paused the shard, or `stop` is asked for.
result<done> reader::wait_while_paused(pg_outbox_reader& outbox, const std::stop_token& stop) {
    if (std::chrono::steady_clock::now() < look_for_pause_at_) return done{};
    std::string shown;
    for (;;) {
        auto reason = outbox.pause_reason();
        if (!reason) return reason.error();
        if (reason->empty() || stop.stop_requested()) break;
        if (std::exchange(shown, *reason) != *reason) {
            live_.become(relay_role::paused, *reason);
            log_({relay_log_line::level::warning, "paused: " + *reason, {}});
        }
        pause(stop, pause_check_interval);
    }
    look_for_pause_at_ = std::chrono::steady_clock::now() + pause_check_interval;
    if (shown.empty() || stop.stop_requested()) return done{};
    live_.resume();
    log_({relay_log_line::level::info, "resumed", {}});
    return done{};
}

}  // namespace onceward::relay_core
