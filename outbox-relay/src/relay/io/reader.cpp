#include "relay/io/reader.hpp"

#include <utility>

#include "relay/core/bucket.hpp"
#include "relay/core/poll_capture.hpp"
#include "relay/core/wal_capture.hpp"
#include "relay/io/pause.hpp"
#include "relay/io/pg_wal_reader.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

namespace {

/// A pause takes effect within this time.
constexpr std::chrono::milliseconds pause_check_interval{100};

/// How often a capture that nobody wants to read from hears so.
constexpr std::chrono::milliseconds rest_interval{100};

/// The answer to whom nobody listens any more.
failure stopping() {
    return {.next = verdict::transient, .message = "the reader stops", .origin = "stop"};
}

/// Whether the lease's buckets have the event.
std::function<bool(const captured_event&)> in_buckets(const lease& held) {
    if (held.bucket_from == 0 && held.bucket_to == 255)
        return [](const captured_event&) { return true; };
    return [from = held.bucket_from, to = held.bucket_to](const captured_event& e) {
        const int bucket = bucket_of(e);
        return bucket >= from && bucket <= to;
    };
}

}  // namespace

reader::reader(const relay_options& options, const lease& held, fact_queue& facts, live_state& live,
               const relay::log_sink& log)
    : options_(options),
      held_(held),
      facts_(facts),
      live_(live),
      log_(log),
      reached_(held.start),
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
    if (options_.capture == capture_engine::wal) return run_wal(outbox, stop);
    live_.reads_from(relay_source::table);
    poll_capture engine(outbox, held_.start, {options_.piece_events, options_.piece_bytes});
    run_engine(engine, outbox, stop);
}

void reader::run_wal(pg_outbox_reader& outbox, const std::stop_token& stop) {
    live_.reads_from(relay_source::table, "the replication slot is not ready yet");
    auto session = open_mark_session(options_);
    if (!session) return facts_.push(read_failed{session.error()});
    pg_wal_reader wal(options_, std::move(*session), on_slot_trouble(), on_slot_loss());
    const auto streams = [this] {
        ++live_.counts.streams;
        live_.reads_from(relay_source::wal);
        log_({level::info, "events are read from the WAL now", {}});
    };
    wal_capture engine(outbox, wal, held_.start, {options_.piece_events, options_.piece_bytes},
                       in_buckets(held_), streams);
    run_engine(engine, outbox, stop);
}

slot_trouble_sink reader::on_slot_trouble() {
    return [this](const std::string& why) {
        live_.reads_from(relay_source::table, why);
        log_({level::error, "events are read from the table meanwhile: " + why, {}});
    };
}

slot_loss_sink reader::on_slot_loss() {
    return [this](const std::string& what) {
        ++live_.counts.slots_lost;
        live_.reads_from(relay_source::table, what);
        log_({level::error,
              what + "; nothing is lost: events are read from the table until a new one is ready",
              {}});
    };
}

void reader::run_engine(capture& from, pg_outbox_reader& outbox, const std::stop_token& stop) {
    for (;;) {
        if (auto r = wait_for_credit(from, stop); !r) return facts_.push(read_failed{r.error()});
        if (stop.stop_requested()) return;
        auto p = next_piece(from, outbox, stop);
        if (!p) return facts_.push(read_failed{p.error()});
        facts_.push(piece_read{std::move(*p)});
    }
}

result<done> reader::rest(capture& from) {
    from.stored(stored_);
    return from.rest();
}

result<done> reader::wait_for_credit(capture& from, const std::stop_token& stop) {
    while (!credits_.try_acquire_for(rest_interval)) {
        if (stop.stop_requested()) break;
        if (auto r = rest(from); !r) return r;
    }
    return done{};
}

/// Reads until there is something to tell, at the pace of the events.
result<piece> reader::next_piece(capture& from, pg_outbox_reader& outbox,
                                 const std::stop_token& stop) {
    for (;;) {
        if (!rested_ && !from.waits()) pause(stop, pause_);
        if (auto r = wait_while_paused(from, outbox, stop); !r) return r.error();
        if (stop.stop_requested()) return stopping();
        from.stored(stored_);
        auto p = from.read();
        if (!p) return p;
        const bool empty = p->events.empty();
        rested_ = p->events.size() * 2 >= options_.piece_events || !p->end.hi.empty();
        pause_ = empty ? std::min(pause_ * 2, options_.poll_max) : options_.poll_min;
        const bool moved = std::exchange(reached_, p->end) != p->end;
        if (!empty || moved || stop.stop_requested()) return p;
    }
}

/// Returns when nobody has paused the shard, or `stop` is asked for.
result<done> reader::wait_while_paused(capture& from, pg_outbox_reader& outbox,
                                       const std::stop_token& stop) {
    if (std::chrono::steady_clock::now() < look_for_pause_at_) return done{};
    std::string shown;
    for (;;) {
        auto reason = outbox.pause_reason();
        if (!reason) return reason.error();
        if (reason->empty() || stop.stop_requested()) break;
        if (std::exchange(shown, *reason) != *reason) {
            live_.become(relay_role::paused, *reason);
            log_({level::warning, "paused: " + *reason, {}});
        }
        pause(stop, pause_check_interval);
        if (auto r = rest(from); !r) return r;
    }
    look_for_pause_at_ = std::chrono::steady_clock::now() + pause_check_interval;
    if (shown.empty() || stop.stop_requested()) return done{};
    live_.resume();
    log_({level::info, "resumed", {}});
    return done{};
}

}  // namespace onceward::relay_core
