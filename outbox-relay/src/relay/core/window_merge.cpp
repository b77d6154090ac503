#include "relay/core/window_merge.hpp"

#include <algorithm>
#include <utility>

namespace onceward::relay_core {

std::optional<std::size_t> window_merge::starving() const {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
        if (!runs_[i].waiting() && !runs_[i].last) return i;
    }
    return std::nullopt;
}

void window_merge::start_after(std::int64_t seq) {
    for (std::size_t i = 0; i < runs_.size(); ++i) start_run_after(i, seq);
}

void window_merge::start_run_after(std::size_t which, std::int64_t seq) {
    runs_[which].after = std::max(runs_[which].after, seq);
}

void window_merge::feed(std::size_t which, chunk c, bool last) {
    auto& r = runs_[which];
    r.last = last;
    if (c.events.empty()) return;
    r.after = c.events.back().seq;
    r.chunks.push_back(std::move(c));
}

window_merge::run* window_merge::smallest() {
    run* best = nullptr;
    for (auto& r : runs_) {
        if (!r.waiting()) {
            if (!r.last) return nullptr;
            continue;
        }
        const auto seq = [](const run& x) { return x.chunks.front().events[x.next].seq; };
        if (best == nullptr || seq(r) < seq(*best)) best = &r;
    }
    return best;
}

void window_merge::take(piece& to, std::size_t events_max, std::size_t bytes_max) {
    while (to.events.size() < events_max) {
        run* r = smallest();
        if (r == nullptr) return;
        auto& c = r->chunks.front();
        const auto& e = c.events[r->next];
        if (!to.events.empty() && to.bytes + e.bytes() > bytes_max) return;
        if (to.memory.empty() || to.memory.back() != c.memory) to.memory.push_back(c.memory);
        to.bytes += e.bytes();
        to.events.push_back(e);
        if (++r->next == c.events.size()) {
            r->chunks.pop_front();
            r->next = 0;
        }
    }
}

bool window_merge::finished() const {
    return std::all_of(runs_.begin(), runs_.end(),
                       [](const run& r) { return r.last && !r.waiting(); });
}

}  // namespace onceward::relay_core
