#include "cursor_store.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::sim {

using namespace relay_core;

reach::reach(const position& p)
    : lo_(snapshot::parse(p.lo)), hi_(snapshot::parse(p.hi)), done_seq_(p.done_seq) {}

bool reach::passes(const outbox_row& row) const {
    if (lo_ && lo_->sees(row.xid)) return true;
    return hi_ && hi_->sees(row.xid) && row.seq <= done_seq_;
}

result<lease> cursor_store::acquire(const std::string& last_lease_id) {
    return session_.run([&] { return take(last_lease_id); });
}

lease cursor_store::take(const std::string& last_lease_id) {
    auto row = server_.cursor();
    const bool free = row.lease_id.empty() || row.lease_until < env_.now ||
                      (!last_lease_id.empty() && row.lease_id == last_lease_id);
    if (!free) return lease{};
    if (server_.life_lease() != row.lease_id || row.lease_id.empty()) {
        row.incarnation = fmt::format("incarnation-{:x}", env_.random.next());
    }
    found_ = row.at;
    row.lease_id = fmt::format("lease-{:x}", env_.random.next());
    row.epoch += 1;
    row.lease_until = env_.now + env_.faults.lease_ttl;
    server_.write_cursor(row);
    server_.write_life(row.lease_id);
    env_.trace("{} is taken, epoch {}, at {} {} {}", row.lease_id, row.epoch, row.at.lo, row.at.hi,
               row.at.done_seq);
    lease l;
    l.id = row.lease_id;
    l.epoch = row.epoch;
    l.incarnation = row.incarnation;
    l.start = row.at;
    if (l.start.hi.empty()) return l;
    env_.seen.sometimes(seen::window_resumed_inside);
    if (env_.bug == plant::recompute_hi) l.start.hi = server_.take_snapshot().to_string();
    if (env_.bug == plant::forget_progress) l.start.done_seq = 0;
    return l;
}

bool cursor_store::may_write(bool needs_life, const lease& held) const {
    if (server_.cursor().lease_id != held.id) return env_.bug == plant::unfenced_cursor;
    return !needs_life || server_.life_lease() == held.id || env_.bug == plant::no_life_check;
}

template <class Change>
result<done> cursor_store::change_if(bool needs_life, const lease& held, Change change) {
    auto changed = session_.run([&] {
        if (!may_write(needs_life, held)) return false;
        auto row = server_.cursor();
        change(row);
        server_.write_cursor(std::move(row));
        return true;
    });
    if (!changed) return changed.error();
    if (*changed) return done{};
    return failure{.next = verdict::fatal,
                   .message = "the lease was taken by another, or the server has crashed",
                   .origin = "fenced"};
}

result<done> cursor_store::store(const lease& held, const position& p) {
    auto r = change_if(true, held, [&](cursor_row& row) {
        check_store(held, p);
        env_.trace("{} stores {} {} {}", held.id, p.lo, p.hi, p.done_seq);
        row.at = p;
        row.lease_until = env_.now + env_.faults.lease_ttl;
    });
    if (r) return r;
    if (r.error().origin == "fenced") {
        env_.seen.sometimes(seen::fenced_store);
    } else {
        env_.seen.sometimes(session_.effect_happened() ? seen::store_in_doubt_done
                                                       : seen::store_in_doubt_not_done);
    }
    return r;
}

/// What a cursor write must keep, seen from outside of the relay.
void cursor_store::check_store(const lease& held, const position& p) {
    const auto& before = server_.cursor();
    if (before.lease_id != held.id) {
        env_.truth.broken(promise::fenced, "the cursor was moved under lease epoch " +
                                               std::to_string(held.epoch) + " after epoch " +
                                               std::to_string(before.epoch) + " had begun");
    }
    const reach now(p);
    const reach earlier(before.at);
    for (const auto& row : server_.rows()) {
        const bool passed = now.passes(row);
        const bool dead =
            std::any_of(before.dead.begin(), before.dead.end(),
                        [&](const dead_row& d) { return d.id == row.id && d.seq == row.seq; });
        if (passed && !dead && env_.truth.of(row.id).appended == 0) {
            env_.truth.broken(promise::acknowledged,
                              fmt::format("the cursor passes seq {} of key {}, which is not in the "
                                          "log",
                                          row.seq, row.key));
        }
        if (!passed && earlier.passes(row)) {
            env_.truth.broken(promise::monotone,
                              fmt::format("the cursor goes back behind seq {}", row.seq));
        }
    }
}

result<done> cursor_store::release(const lease& held) {
    return change_if(false, held, [](cursor_row& row) { row.lease_until = 0; });
}

result<done> cursor_store::report(const lease& held, bool, const std::string&) {
    return change_if(false, held, [](cursor_row&) {});
}

result<int> cursor_store::pin_partitions(const std::string&, int partitions) {
    return partitions;
}

}  // namespace onceward::sim
