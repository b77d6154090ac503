#include "relay/core/wal_capture.hpp"

#include <algorithm>
#include <utility>

#include "relay/core/life.hpp"
#include "relay/core/replication_frame.hpp"

namespace onceward::relay_core {

namespace {

/// More unnamed transactions than this do not go into a stored snapshot: it is text.
constexpr std::size_t in_progress_max = 1'000;
/// More decoded transactions than this are not remembered until the next mark: while a backlog is
/// read, the marks that are written now stand behind all of it.
constexpr std::size_t ended_max = 100'000;

}  // namespace

wal_capture::wal_capture(outbox_reader& table, wal_reader& wal, const position& start,
                         piece_limits limits, std::function<bool(const captured_event&)> mine,
                         std::function<void()> streams)
    : table_(table),
      wal_(wal),
      limits_(limits),
      mine_(std::move(mine)),
      streams_(std::move(streams)),
      poll_(std::in_place, table, start, limits),
      end_(start) {}

result<piece> wal_capture::read() {
    return streaming_ ? read_stream() : read_table();
}

void wal_capture::stored(std::uint64_t wal) {
    if (streaming_ && wal > 0) wal_.confirm(wal);
}

result<done> wal_capture::rest() {
    return streaming_ ? wal_.keep_alive() : result<done>(done{});
}

/// Until the slot is ready, the table is read as the poll engine reads it.
result<piece> wal_capture::read_table() {
    if (auto r = look_at_slot(); !r) return r.error();
    if (slot_has_the_rest()) {
        if (auto r = start_stream(); !r) return r.error();
        return read_stream();
    }
    auto p = poll_->read();
    if (!p) return p;
    p->end.wal = end_.wal;
    end_ = p->end;
    // An empty window is not closed before it is durable, which on an idle server nobody sees to.
    if (slot_.is == slot_state::kind::fresh && p->events.empty()) {
        auto c = table_.barrier();
        if (!c) return c.error();
        if (!c->alive) return life_is_gone();
    }
    return p;
}

/// Whether what was not read from the table comes through the slot.
bool wal_capture::slot_has_the_rest() const {
    const bool within_a_window = !end_.hi.empty();
    if (within_a_window || slot_.is == slot_state::kind::pending) return false;
    if (slot_.is == slot_state::kind::continuous) return true;
    return snapshot::parse(end_.lo)->xmin >= slot_.xids_below;
}

result<done> wal_capture::look_at_slot() {
    if (slot_.is != slot_state::kind::pending) return done{};
    auto s = wal_.prepare(*snapshot::parse(end_.lo), end_.wal);
    if (!s) return s.error();
    slot_ = *s;
    return done{};
}

result<done> wal_capture::start_stream() {
    if (auto r = wal_.start(slot_.from); !r) return r;
    auto c = table_.confirm(to_string(slot_.from));
    if (!c) return c.error();
    if (!c->alive) return life_is_gone();
    standbys_ = !c->durable;
    lo_ = *snapshot::parse(end_.lo);
    wal_end_ = slot_.from;
    streaming_ = true;
    streams_();
    return done{};
}

/// What is there, up to the bounds of a piece; also part of a transaction, for it is committed.
result<piece> wal_capture::read_stream() {
    piece p;
    p.memory.push_back(std::make_shared<arena>());
    if (auto r = read_parts(p); !r) {
        if (r.error().origin == "stream") return fall_back(std::move(p), r.error().message);
        return r.error();
    }
    if (!in_transaction_) wal_end_ = std::max(wal_end_, wal_.looked_at());
    auto intact = mark_if_due();
    if (!intact) return intact.error();
    if (!*intact) {
        return fall_back(std::move(p),
                         "the publication was altered, so that events may be missing from it");
    }
    return end_of(std::move(p));
}

result<done> wal_capture::read_parts(piece& to) {
    const std::size_t parts_max = 4 * limits_.events_max;  // what others commit has no events
    for (std::size_t parts = 0;
         parts < parts_max && to.events.size() < limits_.events_max && to.bytes < limits_.bytes_max;
         ++parts) {
        // A transaction's end follows its rows at once, and only there is the position exact.
        auto d = wal_.next(*to.memory.back(), /*wait=*/to.events.empty() || in_transaction_);
        if (!d) return d.error();
        if (!*d) break;
        take(**d, to);
    }
    return done{};
}

result<piece> wal_capture::end_of(piece p) {
    if (standbys_ && !p.events.empty()) {
        auto c = table_.barrier();
        if (!c) return c.error();
        if (!c->alive) return life_is_gone();
    }
    end_ = reached();
    p.end = end_;
    return p;
}

/// What was read is right, but what follows is not in the stream: it is in the table, from what was
/// read on. The place in the WAL means nothing any more.
result<piece> wal_capture::fall_back(piece p, const std::string& why) {
    auto ended = end_of(std::move(p));
    if (!ended) return ended;
    wal_.abandon(why);
    end_.wal = 0;
    ended->end = end_;
    poll_.emplace(table_, end_, limits_);
    slot_ = {};
    streaming_ = false;
    ended_.clear();
    exact_ = true;
    awaited_.reset();
    xid_.reset();
    mark_has_come_ = in_transaction_ = false;
    return ended;
}

void wal_capture::take(const decoded& d, piece& to) {
    if (const auto* row = std::get_if<decoded_row>(&d)) {
        take_row(*row, to);
    } else if (const auto* m = std::get_if<decoded_mark>(&d)) {
        mark_has_come_ = mark_has_come_ || (awaited_ && awaited_->name == m->content);
    } else if (const auto* c = std::get_if<decoded_commit>(&d)) {
        take_commit(*c);
    } else if (std::holds_alternative<decoded_begin>(d)) {
        in_transaction_ = true;
    }
}

/// What the snapshot sees was read before, from the table or in an earlier lease's time.
void wal_capture::take_row(const decoded_row& row, piece& to) {
    if (lo_.sees(row.xid) || !mine_(row.event)) return;
    xid_ = row.xid;
    to.bytes += row.event.bytes();
    to.events.push_back(row.event);
}

void wal_capture::take_commit(const decoded_commit& c) {
    in_transaction_ = false;
    wal_end_ = c.end_lsn;
    if (xid_) {
        if (ended_.size() >= ended_max) {
            ended_.clear();
            exact_ = false;
        }
        ended_.insert(std::ranges::lower_bound(ended_, *xid_), *xid_);
        xid_.reset();
    }
    if (std::exchange(mark_has_come_, false)) apply_mark();
}

/// What the mark's snapshot sees was committed before the mark, and so was read. The other way
/// round it need not be: a transaction that was decoded may not be visible yet.
void wal_capture::apply_mark() {
    lo_ = united(lo_, awaited_->ended);
    std::erase_if(ended_, [this](std::uint64_t xid) { return lo_.sees(xid); });
    exact_ = true;
    awaited_.reset();
}

/// @return Whether the stream still has all of the outbox.
result<bool> wal_capture::mark_if_due() {
    const bool wanted = !ended_.empty() || !exact_;
    if (!wanted || awaited_ || !wal_.mark_is_due()) return wal_.intact();
    auto c = table_.confirm(to_string(wal_end_));
    if (!c) return c.error();
    if (!c->alive) return life_is_gone();
    standbys_ = !c->durable;
    auto m = wal_.mark();
    if (!m) return m.error();
    const bool intact = m->intact;
    awaited_ = std::move(*m);
    return intact;
}

position wal_capture::reached() const {
    const auto all = exact_ ? with_ended(lo_, ended_, in_progress_max) : std::nullopt;
    return {.lo = (all ? *all : lo_).to_string(), .hi = {}, .done_seq = 0, .wal = wal_end_};
}

}  // namespace onceward::relay_core
