#include "captures.hpp"

#include <algorithm>
#include <deque>
#include <utility>

namespace onceward::sim {

using namespace relay_core;

namespace {

constexpr std::size_t no_bound = 1'000'000;
constexpr std::size_t run_events = 3;  // of the hasty merge: many feeds

/// Hands out a list of events in pieces; the last one ends at `end`.
class pieces {
public:
    void add(captured_event e) { events_.push_back(std::move(e)); }
    void keep(std::shared_ptr<arena> memory) { memory_.push_back(std::move(memory)); }
    void add_all(chunk c) {
        for (auto& e : c.events) add(std::move(e));
        keep(std::move(c.memory));
    }
    [[nodiscard]] bool empty() const { return events_.empty(); }

    piece next(piece_limits limits, const position& before, const position& end) {
        piece p;
        p.memory = memory_;
        while (!events_.empty() && p.events.size() < limits.events_max) {
            const std::size_t bytes = events_.front().bytes();
            if (!p.events.empty() && p.bytes + bytes > limits.bytes_max) break;
            p.bytes += bytes;
            p.events.push_back(std::move(events_.front()));
            events_.pop_front();
        }
        p.end = events_.empty() ? end : before;
        if (events_.empty()) memory_.clear();
        return p;
    }

private:
    std::deque<captured_event> events_;
    std::vector<std::shared_ptr<arena>> memory_;
};

/// What the planted captures share: a window made durable, handed out in pieces.
class planted_capture : public capture {
public:
    planted_capture(outbox_reader& outbox, position start, piece_limits limits)
        : outbox_(outbox), at_(std::move(start)), limits_(limits) {}

    result<piece> read() final {
        if (window_.empty()) {
            end_ = at_;
            const auto lo = *snapshot::parse(at_.lo);
            auto w = outbox_.open(lo);
            if (!w) return w.error();
            if (auto r = read_window(lo, w->hi); !r) return r.error();
            auto durable = outbox_.barrier();
            if (!durable) return durable.error();
            if (!durable->alive) {
                return failure{
                    .next = verdict::fatal, .message = "the life is gone", .origin = "fenced"};
            }
        }
        auto p = window_.next(limits_, at_, end_);
        at_ = p.end;
        return p;
    }

protected:
    /// Fills `window_` and sets `end_`.
    virtual result<done> read_window(const snapshot& lo, const snapshot& hi) = 0;

    outbox_reader& outbox_;
    position at_;
    piece_limits limits_;
    pieces window_;
    position end_;
};

/// Takes the sequence number for the order of commits.
class naive_seq_capture final : public planted_capture {
    using planted_capture::planted_capture;

    result<done> read_window(const snapshot& lo, const snapshot& hi) override {
        auto rows =
            outbox_.read_run(lo, hi, {.latecomer = 0, .after = at_.done_seq}, no_bound, no_bound);
        if (!rows) return rows.error();
        if (!rows->events.events.empty()) end_.done_seq = rows->events.events.back().seq;
        window_.add_all(std::move(rows->events));
        return done{};
    }
};

/// As poll_capture, but a window is one piece, whatever its size.
class boundless_capture final : public planted_capture {
public:
    boundless_capture(outbox_reader& outbox, position start)
        : planted_capture(outbox, std::move(start), {no_bound, no_bound}) {}

private:
    result<done> read_window(const snapshot& lo, const snapshot& hi) override {
        auto runs = outbox_.with_rows(latecomers(lo, hi));
        if (!runs) return runs.error();
        runs->push_back(0);
        chunk all;
        for (const auto run : *runs) {
            auto rows =
                outbox_.read_run(lo, hi, {.latecomer = run, .after = 0}, no_bound, no_bound);
            if (!rows) return rows.error();
            window_.keep(rows->events.memory);
            for (auto& e : rows->events.events) all.events.push_back(std::move(e));
        }
        std::sort(all.events.begin(), all.events.end(),
                  [](const auto& a, const auto& b) { return a.seq < b.seq; });
        window_.add_all(std::move(all));
        end_ = {.lo = hi.to_string(), .hi = {}, .done_seq = 0};
        return done{};
    }
};

/// Waits for the oldest running transaction and publishes in order of (xid, seq).
class xid_horizon_capture final : public planted_capture {
    using planted_capture::planted_capture;

    result<done> read_window(const snapshot& lo, const snapshot& hi) override {
        std::vector<std::uint64_t> xids;
        for (std::uint64_t xid = lo.xmax; xid < hi.xmin; ++xid) xids.push_back(xid);
        auto with_rows = outbox_.with_rows(xids);
        if (!with_rows) return with_rows.error();
        for (const auto xid : *with_rows) {
            auto rows =
                outbox_.read_run(lo, hi, {.latecomer = xid, .after = 0}, no_bound, no_bound);
            if (!rows) return rows.error();
            window_.add_all(std::move(rows->events));
        }
        const std::uint64_t horizon = std::max(lo.xmax, hi.xmin);
        end_.lo = snapshot{horizon, horizon, {}}.to_string();
        return done{};
    }
};

/// As poll_capture, but its merge takes what is there while a run still has to be fed.
class hasty_merge_capture final : public planted_capture {
    using planted_capture::planted_capture;

    struct run {
        std::uint64_t latecomer = 0;
        std::deque<captured_event> waiting;
        std::int64_t after = 0;
        bool last = false;
    };

    result<done> read_window(const snapshot& lo, const snapshot& hi) override {
        auto late = outbox_.with_rows(latecomers(lo, hi));
        if (!late) return late.error();
        std::vector<run> runs(1);
        for (const auto xid : *late) runs.emplace_back().latecomer = xid;
        for (;;) {
            const auto starving = std::find_if(runs.begin(), runs.end(), [](const run& r) {
                return r.waiting.empty() && !r.last;
            });
            if (starving != runs.end()) {
                if (auto r = feed(*starving, lo, hi); !r) return r;
            }
            if (!take_smallest(runs) && starving == runs.end()) break;
        }
        end_ = {.lo = hi.to_string(), .hi = {}, .done_seq = 0};
        return done{};
    }

    result<done> feed(run& r, const snapshot& lo, const snapshot& hi) {
        auto rows = outbox_.read_run(lo, hi, {.latecomer = r.latecomer, .after = r.after},
                                     run_events, no_bound);
        if (!rows) return rows.error();
        r.last = rows->last;
        window_.keep(rows->events.memory);
        for (auto& e : rows->events.events) {
            r.after = e.seq;
            r.waiting.push_back(std::move(e));
        }
        return done{};
    }

    bool take_smallest(std::vector<run>& runs) {
        run* best = nullptr;
        for (auto& r : runs) {
            if (r.waiting.empty()) continue;  // the bug: it may have smaller ones to come
            if (best == nullptr || r.waiting.front().seq < best->waiting.front().seq) best = &r;
        }
        if (best == nullptr) return false;
        window_.add(std::move(best->waiting.front()));
        best->waiting.pop_front();
        return true;
    }
};

}  // namespace

std::unique_ptr<capture> make_capture(const environment& env, outbox_reader& outbox,
                                      const position& start) {
    const piece_limits limits{.events_max = env.faults.piece_events,
                              .bytes_max = env.faults.piece_bytes};
    switch (env.bug) {
        case plant::naive_seq:
            return std::make_unique<naive_seq_capture>(outbox, start, limits);
        case plant::xid_horizon:
            return std::make_unique<xid_horizon_capture>(outbox, start, limits);
        case plant::hasty_merge:
            return std::make_unique<hasty_merge_capture>(outbox, start, limits);
        case plant::no_bounds:
            return std::make_unique<boundless_capture>(outbox, start);
        default:
            return std::make_unique<poll_capture>(outbox, start, limits);
    }
}

}  // namespace onceward::sim
