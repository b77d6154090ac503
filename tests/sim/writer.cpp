#include "writer.hpp"

#include <set>

namespace onceward::sim {

namespace {

constexpr std::int64_t long_wait_ms = 600;
constexpr std::size_t payload_bytes_max = 200;

}  // namespace

void writer::step() {
    if (transaction_ && transaction_->is == transaction::state::gone) transaction_.reset();
    if (transaction_ && transaction_->is == transaction::state::ended) transaction_.reset();
    if (!transaction_) {
        if (work_.left == 0 || work_.finish) return;
        --work_.left;
        transaction_ = server_.begin();
        plan();
    }
    if (carry_out(plan_[next_])) ++next_;
    if (next_ == plan_.size()) transaction_.reset();
}

void writer::plan() {
    plan_.clear();
    next_ = 0;
    auto& random = env_.random;
    if (random.chance(env_.faults.write_elsewhere_first)) {
        plan_.push_back({.what = action::write_elsewhere});
    }
    plan_events(random.chance(env_.faults.large_transaction));
    if (random.chance(env_.faults.long_transaction)) {
        plan_.push_back(
            {.what = action::wait, .until = env_.now + random.between(20, long_wait_ms)});
    }
    const bool aborts = random.chance(env_.faults.abort);
    plan_.push_back({.what = aborts ? action::abort : action::commit});
    waits_for_flush_ = !random.chance(env_.faults.async_commit);
}

/// Keys in one order, so that writers do not deadlock. An event without a key needs no lock.
void writer::plan_events(bool large) {
    auto& random = env_.random;
    std::set<int> keys;
    const std::size_t wanted = 1 + random.below(3);
    for (std::size_t i = 0; i < wanted; ++i) {
        keys.insert(static_cast<int>(random.between(-1, env_.faults.keys - 1)));
    }
    for (const int key : keys) {
        if (key >= 0) plan_.push_back({.what = action::lock, .key = key});
        const auto events = large ? random.between(5, 40) : random.between(1, 2);
        for (std::int64_t i = 0; i < events; ++i) {
            plan_.push_back({.what = action::add, .key = key});
        }
    }
}

/// @return Whether it is done.
bool writer::carry_out(planned& p) {
    switch (p.what) {
        case action::write_elsewhere:
            server_.write(*transaction_);
            return true;
        case action::lock:
            return server_.lock(*transaction_, p.key);
        case action::add:
            server_.add(*transaction_, p.key, env_.random.below(payload_bytes_max),
                        env_.random.chance(env_.faults.refused_event));
            return true;
        case action::wait:
            return work_.finish || env_.now >= p.until;
        case action::commit:
            return commit();
        case action::abort:
            server_.abort(*transaction_);
            return true;
    }
    return true;
}

/// In steps: the commit record, the flush where the client waits for it, the visibility.
bool writer::commit() {
    if (transaction_->is == transaction::state::open) {
        server_.log_commit(*transaction_);
        return false;
    }
    if (waits_for_flush_) server_.flush_to(transaction_->commit_lsn);
    if (env_.random.chance(0.5)) return false;  // others may become visible first
    server_.end(*transaction_);
    return true;
}

}  // namespace onceward::sim
