#include "outbox_reader.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace onceward::sim {

using namespace relay_core;

namespace {

captured_event to_event(const outbox_row& row, arena& memory) {
    captured_event e;
    e.seq = row.seq;
    e.id = row.id.raw();
    e.topic = memory.keep("topic");
    e.type = memory.keep(row.refused ? "refused" : "happened");
    if (row.key >= 0) e.key = memory.keep(fmt::format("key-{}", row.key));
    e.payload = memory.keep(fmt::format("{}:{:.>{}}", row.id.to_string(), "", row.payload_bytes));
    return e;
}

/// A chunk that takes rows until a bound is reached, as the real adapter's.
class bounded_chunk {
public:
    bounded_chunk(std::size_t events_max, std::size_t bytes_max)
        : events_max_(events_max), bytes_max_(bytes_max) {
        chunk_.memory = std::make_shared<arena>();
    }
    /// @return False when the statement is to be cancelled.
    bool take(const outbox_row& row) {
        chunk_.events.push_back(to_event(row, *chunk_.memory));
        bytes_ += chunk_.events.back().bytes();
        return bytes_ < bytes_max_;
    }
    [[nodiscard]] bool full() const {
        return chunk_.events.size() >= events_max_ || bytes_ >= bytes_max_;
    }
    chunk release() { return std::move(chunk_); }

private:
    chunk chunk_;
    std::size_t bytes_ = 0;
    std::size_t events_max_;
    std::size_t bytes_max_;
};

/// Hands over at most `limit` rows that qualify. @return False once no more are wanted.
template <class Rows, class Condition>
bool scan(const Rows& rows, std::size_t limit, bounded_chunk& to, Condition qualifies) {
    std::size_t taken = 0;
    for (const auto& row : rows) {
        if (!qualifies(row)) continue;
        if (taken++ == limit) return true;
        if (!to.take(row)) return false;
    }
    return true;
}

bool contains(const std::vector<std::uint64_t>& sorted, std::uint64_t xid) {
    return std::binary_search(sorted.begin(), sorted.end(), xid);
}

}  // namespace

outbox_reader::outbox_reader(environment& env, pg_server& server, const process& owner,
                             std::string lease_id)
    : env_(env), server_(server), session_(env, server, owner), lease_id_(std::move(lease_id)) {}

bool outbox_reader::alive() const {
    return server_.life_lease() == lease_id_ || env_.bug == plant::no_life_check;
}

bool outbox_reader::durable(std::uint64_t lsn) const {
    return server_.flush_lsn() >= lsn || env_.bug == plant::no_flush_barrier;
}

result<opened_window> outbox_reader::open(const snapshot& lo) {
    auto w = session_.run([&] { return see_window(lo); });
    if (!w) return w;
    const bool empty = w->complete && w->events.events.empty();
    if (empty && !w->durable) env_.seen.sometimes(seen::empty_window_not_durable);
    if (!w->complete) env_.seen.sometimes(seen::large_window);
    if (!w->complete && !w->durable) env_.seen.sometimes(seen::large_window_not_durable);
    if (env_.tracing)
        env_.trace("{} opens ({}, {}]: {} events, complete {}, durable {}, alive {}", lease_id_,
                   lo.to_string(), w->hi.to_string(), w->events.events.size(), w->complete,
                   w->durable, w->alive);
    return w;
}

/// One statement: its snapshot, the life row and the rows are of one moment.
opened_window outbox_reader::see_window(const snapshot& lo) {
    const auto late =
        env_.bug == plant::skip_latecomers ? std::vector<std::uint64_t>{} : lo.in_progress;
    const std::size_t limit = env_.faults.piece_events + 1;
    bounded_chunk events(limit, env_.faults.piece_bytes);
    opened_window w;
    w.hi = server_.take_snapshot();
    const std::uint64_t wal_end = server_.insert_lsn();
    w.wal_end = std::to_string(wal_end);
    w.durable = durable(wal_end);
    w.alive = alive();
    // The index decides in which order rows come; the contract promises none.
    std::vector<outbox_row> rows(server_.rows().rbegin(), server_.rows().rend());
    if (env_.random.chance(0.5)) std::reverse(rows.begin(), rows.end());
    if (scan(rows, limit, events, [&](const outbox_row& r) { return r.xid >= lo.xmax; })) {
        scan(rows, limit, events, [&](const outbox_row& r) { return contains(late, r.xid); });
    }
    w.complete = !events.full();
    w.events = events.release();
    return w;
}

result<std::vector<std::uint64_t>> outbox_reader::with_rows(
    const std::vector<std::uint64_t>& xids) {
    auto found = session_.run([&] {
        std::vector<std::uint64_t> some;
        if (env_.bug == plant::skip_latecomers) return some;
        for (const auto xid : xids) {
            const auto& rows = server_.rows();
            if (std::any_of(rows.begin(), rows.end(), [&](const auto& r) { return r.xid == xid; }))
                some.push_back(xid);
        }
        return some;
    });
    if (found && !found->empty()) env_.seen.sometimes(seen::large_window_with_latecomers);
    if (found && found->size() >= 2) env_.seen.sometimes(seen::many_runs_merged);
    return found;
}

result<std::int64_t> outbox_reader::floor(const snapshot& lo, const snapshot& hi) {
    return session_.run([&] {
        std::optional<std::int64_t> least;
        if (env_.random.chance(0.2)) return std::int64_t{0};  // too many to look at
        for (const auto& r : server_.rows()) {
            if (r.xid >= lo.xmax && r.xid < hi.xmax) least = std::min(least.value_or(r.seq), r.seq);
        }
        return least.value_or(1) - 1;
    });
}

result<run_chunk> outbox_reader::read_run(const snapshot& lo, const snapshot& hi,
                                          const run_query& run, std::size_t events_max,
                                          std::size_t bytes_max) {
    return session_.run([&] {
        std::vector<outbox_row> rows = server_.rows();
        std::sort(rows.begin(), rows.end(),
                  [](const auto& a, const auto& b) { return a.seq < b.seq; });
        bounded_chunk events(events_max, bytes_max);
        scan(rows, events_max, events, [&](const outbox_row& r) {
            if (r.seq <= run.after) return false;
            return run.latecomer != 0 ? r.xid == run.latecomer : r.xid >= lo.xmax && hi.sees(r.xid);
        });
        run_chunk c;
        c.last = !events.full();
        c.events = events.release();
        return c;
    });
}

result<confirmation> outbox_reader::confirm(const std::string& wal_end) {
    return session_.run([&] {
        const bool flushed = !wal_end.empty() && durable(std::stoull(wal_end));
        return confirmation{.alive = alive(), .durable = flushed};
    });
}

result<confirmation> outbox_reader::barrier() {
    env_.seen.sometimes(seen::barrier_needed);
    return session_.run([&] {
        const bool mine = server_.cursor().lease_id == lease_id_ && alive();
        if (mine) server_.write_cursor(server_.cursor());
        return confirmation{.alive = mine, .durable = mine};
    });
}

}  // namespace onceward::sim
