#include "scripted_reader.hpp"

#include <algorithm>
#include <stdexcept>

#include "make_events.hpp"

namespace onceward::relay_core {

namespace {

template <class T>
T next_of(std::deque<T>& script, const char* what) {
    if (script.empty()) throw std::logic_error(std::string("nobody expected another ") + what);
    T answer = std::move(script.front());
    script.pop_front();
    return answer;
}

}  // namespace

result<opened_window> scripted_reader::open(const snapshot& lo) {
    calls.push_back("open " + lo.to_string());
    return next_of(windows, "open");
}

result<std::vector<std::uint64_t>> scripted_reader::with_rows(
    const std::vector<std::uint64_t>& xids) {
    calls.emplace_back("with_rows");
    asked_for_rows = xids;
    return latecomers_with_rows;
}

result<std::int64_t> scripted_reader::floor(const snapshot& lo, const snapshot& hi) {
    calls.push_back("floor " + lo.to_string() + " " + hi.to_string());
    return below_all;
}

result<run_chunk> scripted_reader::read_run(const snapshot&, const snapshot&, const run_query& run,
                                            std::size_t events_max, std::size_t bytes_max) {
    calls.push_back("run " + std::to_string(run.latecomer) + " after " + std::to_string(run.after));
    least_bytes_max = std::min(least_bytes_max, bytes_max);
    run_chunk c;
    c.events.memory = std::make_shared<arena>();
    std::size_t bytes = 0;
    for (const auto seq : runs[run.latecomer]) {
        if (seq <= run.after) continue;
        if (c.events.events.size() >= events_max || bytes >= bytes_max) return c;
        c.events.events.push_back(make_event(seq, *c.events.memory));
        bytes += c.events.events.back().bytes();
    }
    c.last = true;
    return c;
}

result<confirmation> scripted_reader::confirm(const std::string& wal_end) {
    calls.push_back("confirm " + wal_end);
    if (confirmations.empty()) return confirmation{.alive = true, .durable = true};
    return next_of(confirmations, "confirm");
}

result<confirmation> scripted_reader::barrier() {
    calls.emplace_back("barrier");
    return next_of(barriers, "barrier");
}

opened_window window_to(const char* hi, std::initializer_list<std::int64_t> seqs) {
    opened_window w;
    w.hi = snapshot::parse(hi).value();
    w.wal_end = "0/8";
    w.durable = true;
    w.alive = true;
    w.events = make_chunk(seqs);
    w.complete = true;
    return w;
}

failure lost_connection() {
    return failure{
        .next = verdict::transient, .message = "the connection is gone", .origin = "connection"};
}

}  // namespace onceward::relay_core
