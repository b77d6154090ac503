#include "pg_server.hpp"

#include <algorithm>
#include <cassert>
#include <set>

#include "core/uuid7.hpp"

namespace onceward::sim {

namespace {

constexpr std::int64_t sequence_logged_ahead = 32;  // PostgreSQL's SEQ_LOG_VALS
constexpr std::uint64_t many_commits = 20;

message_id make_id(environment& env) {
    return make_uuid7(1'700'000'000'000 + static_cast<std::uint64_t>(env.now),
                      {.a = static_cast<std::uint16_t>(env.random.next()), .b = env.random.next()});
}

}  // namespace

pg_server::pg_server(environment& env) : env_(env) {
    cursor_.at.lo = take_snapshot().to_string();
    cursor_.incarnation = "first";
    cursor_log_.emplace_back(0, cursor_);
}

std::uint64_t pg_server::log(wal_record r) {
    wal_.push_back(r);
    return wal_.size();
}

std::shared_ptr<transaction> pg_server::begin() {
    auto t = std::make_shared<transaction>();
    t->commits_before = commits_;
    open_.push_back(t);
    return t;
}

void pg_server::write(transaction& t) {
    if (t.xid == 0) t.xid = next_xid_++;
    log({.xid = t.xid, .sequence = 0});
}

bool pg_server::lock(transaction& t, int key) {
    const auto*& holder = lock_holders_[key];
    if (holder != nullptr && holder != &t) return false;
    if (holder == nullptr) t.versions_before[key] = versions_[key];
    holder = &t;
    write(t);
    return true;
}

std::int64_t pg_server::next_number() {
    if (sequence_ == sequence_logged_) {
        sequence_logged_ += sequence_logged_ahead;
        log({.xid = 0, .sequence = sequence_logged_});
    }
    return ++sequence_;
}

void pg_server::add(transaction& t, int key, std::size_t payload_bytes, bool refused) {
    assert(key < 0 || lock_holders_[key] == &t);
    outbox_row row{.seq = next_number(),
                   .id = make_id(env_),
                   .key = key,
                   .payload_bytes = payload_bytes,
                   .refused = refused};
    if (key >= 0) row.version = ++versions_[key];
    write(t);
    row.xid = t.xid;
    env_.truth.added(row.id, key, row.version, refused);
    env_.trace("xid {} adds seq {}: key {}, version {}", t.xid, row.seq, key, row.version);
    t.rows.push_back(row);
}

void pg_server::redrive(const dead_row& dead) {
    const auto old = std::find_if(rows_.begin(), rows_.end(), [&](const outbox_row& r) {
        return r.id == dead.id && r.seq == dead.seq;
    });
    if (old == rows_.end()) return;
    outbox_row row = *old;
    row.refused = false;
    row.late = true;
    const auto t = begin();
    row.seq = next_number();
    write(*t);
    row.xid = t->xid;
    t->rows.push_back(row);
    log_commit(*t);
    flush_to(t->commit_lsn);
    env_.seen.sometimes(seen::event_redriven);
    env_.trace("{} is redriven as seq {}", dead.id.to_string(), row.seq);
    env_.truth.redriven(dead.id);
    end(*t);
}

void pg_server::log_commit(transaction& t) {
    t.is = transaction::state::committing;
    t.commit_lsn = log({.xid = t.xid, .sequence = 0});
}

void pg_server::free_locks(const transaction& t) {
    for (const auto& [key, version] : t.versions_before) lock_holders_[key] = nullptr;
}

void pg_server::end(transaction& t) {
    assert(t.is == transaction::state::committing);
    t.is = transaction::state::ended;
    env_.trace("xid {} is visible, committed at {}, flushed {}", t.xid, t.commit_lsn, flushed_);
    if (t.commit_lsn < last_ended_lsn_) env_.seen.sometimes(seen::visibility_swapped);
    last_ended_lsn_ = std::max(last_ended_lsn_, t.commit_lsn);
    if (++commits_ > t.commits_before + many_commits) env_.seen.sometimes(seen::late_commit);
    latest_completed_ = std::max(latest_completed_, t.xid);
    for (const auto& row : t.rows) {
        rows_.push_back(row);
        env_.truth.committed(row.id);
    }
    free_locks(t);
    const auto it =
        std::find_if(open_.begin(), open_.end(), [&](const auto& x) { return x.get() == &t; });
    ended_.push_back(*it);
    open_.erase(it);
}

void pg_server::abort(transaction& t) {
    t.is = transaction::state::aborted;
    env_.trace("xid {} aborts", t.xid);
    if (t.xid != 0) {
        log({.xid = t.xid, .sequence = 0});
        latest_completed_ = std::max(latest_completed_, t.xid);
    }
    for (const auto& row : t.rows) env_.truth.aborted(row.id);
    for (const auto& [key, version] : t.versions_before) versions_[key] = version;
    free_locks(t);
    std::erase_if(open_, [&](const auto& x) { return x.get() == &t; });
}

relay_core::snapshot pg_server::take_snapshot() const {
    relay_core::snapshot s;
    s.xmax = latest_completed_ + 1;
    for (const auto& t : open_) {
        if (t->xid != 0 && t->xid < s.xmax) s.in_progress.push_back(t->xid);
    }
    std::sort(s.in_progress.begin(), s.in_progress.end());
    s.xmin = s.in_progress.empty() ? s.xmax : s.in_progress.front();
    return s;
}

void pg_server::flush_to(std::uint64_t lsn) {
    flushed_ = std::max(flushed_, std::min<std::uint64_t>(lsn, wal_.size()));
}

void pg_server::step() {
    if (env_.random.chance(env_.faults.flush)) {
        flush_to(flushed_ + env_.random.below(wal_.size() - flushed_ + 1));
    }
    if (env_.random.chance(env_.faults.replicate)) {
        replicated_ += env_.random.below(flushed_ - replicated_ + 1);
    }
    if (env_.random.chance(0.05)) log({});
}

void pg_server::write_cursor(cursor_row row) {
    const std::uint64_t xid = next_xid_++;
    log({.xid = xid, .sequence = 0});
    const std::uint64_t commit = log({.xid = xid, .sequence = 0});
    flush_to(commit);
    latest_completed_ = std::max(latest_completed_, xid);
    cursor_ = std::move(row);
    cursor_log_.emplace_back(commit, cursor_);
}

bool pg_server::can_lose() const {
    return !ended_.empty() && ended_.back()->commit_lsn > flushed_;
}

void pg_server::maybe_crash(double probability) {
    if (!env_.random.chance(can_lose() ? probability * 4 : probability)) return;
    crash(/*failover=*/env_.random.chance(env_.faults.failover));
}

void pg_server::crash(bool failover) {
    const std::uint64_t cut = failover ? replicated_ : flushed_;
    const std::uint64_t xids_before = next_xid_;
    env_.seen.sometimes(seen::server_crash);
    crash_transactions(cut, failover);
    restore_counters(cut);
    while (cursor_log_.back().first > cut) cursor_log_.pop_back();
    cursor_ = cursor_log_.back().second;
    if (next_xid_ < xids_before && !life_lease_.empty()) {
        env_.seen.sometimes(seen::xids_handed_out_again);
    }
    life_lease_.clear();
    ++life_;
    env_.trace("{}: WAL cut at {}, next xid {} (was {}), sequence {}, cursor {} {} {}",
               failover ? "FAILOVER" : "CRASH", cut, next_xid_, xids_before, sequence_,
               cursor_.at.lo, cursor_.at.hi, cursor_.at.done_seq);
    if (!failover) return;
    std::set<message_id> dead;
    for (const auto& d : cursor_.dead) dead.insert(d.id);
    env_.truth.only_these_are_buried(dead);
    env_.truth.count_prefixes();
}

void pg_server::take_back(const transaction& t, bool by_failover) {
    for (const auto& row : t.rows) env_.truth.lost(row.id, by_failover);
    std::erase_if(rows_, [&](const outbox_row& r) { return r.xid == t.xid; });
}

/// Redo brings back whose commit record is there, and nobody else.
void pg_server::crash_transactions(std::uint64_t cut, bool by_failover) {
    while (!open_.empty()) {
        const auto t = open_.front();
        if (t->is == transaction::state::committing && t->commit_lsn <= cut) {
            end(*t);
            continue;
        }
        const bool was_committing = t->is == transaction::state::committing;
        if (was_committing) take_back(*t, by_failover);
        if (!was_committing) {
            for (const auto& row : t->rows) env_.truth.aborted(row.id);
        }
        t->is = transaction::state::gone;
        open_.erase(open_.begin());
    }
    std::erase_if(ended_, [&](const auto& t) {
        if (t->commit_lsn <= cut) return false;
        if (!by_failover) env_.seen.sometimes(seen::async_commit_lost);
        take_back(*t, by_failover);
        return true;
    });
    lock_holders_.clear();
    versions_.clear();
    for (const auto& row : rows_) {
        if (row.key >= 0) versions_[row.key] = std::max(versions_[row.key], row.version);
    }
}

void pg_server::restore_counters(std::uint64_t cut) {
    wal_.resize(cut);
    flushed_ = cut;
    replicated_ = std::min(replicated_, cut);
    last_ended_lsn_ = 0;
    next_xid_ = 700;
    std::int64_t sequence = 0;
    for (const auto& r : wal_) {
        if (r.xid >= next_xid_) next_xid_ = r.xid + 1;
        if (r.sequence != 0) sequence = r.sequence;
    }
    latest_completed_ = next_xid_ - 1;
    if (sequence > sequence_) env_.seen.sometimes(seen::sequence_jumped);
    sequence_ = sequence_logged_ = sequence;
}

}  // namespace onceward::sim
