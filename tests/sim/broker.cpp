#include "broker.hpp"

#include <algorithm>
#include <map>

namespace onceward::sim {

namespace {

constexpr std::size_t appended_at_once = 4;
constexpr std::size_t repeated_max = 3;

std::size_t partition_of(const relay_core::captured_event& e, std::size_t partitions) {
    const auto placed_by = e.key ? std::string(*e.key) : std::string(e.id.begin(), e.id.end());
    std::size_t sum = 0;
    for (const char c : placed_by) sum = sum * 31 + static_cast<unsigned char>(c);
    return sum % partitions;
}

}  // namespace

producer::producer(environment& env, broker& to, std::uint64_t tenure, bool one_by_one,
                   producer_reports reports)
    : env_(env),
      broker_(to),
      tenure_(tenure),
      one_by_one_(one_by_one),
      reports_(std::move(reports)),
      lanes_(to.partitions()) {}

void producer::produce(std::uint64_t number, const relay_core::captured_event& e) {
    auto& l = lanes_[partition_of(e, lanes_.size())];
    l.waiting.push_back({.number = number,
                         .ref = relay_core::ref_of(e),
                         .refused = e.type == "refused",
                         .id = message_id(e.id),
                         .view = *e.payload,
                         .copy = {}});
}

void producer::destroy() {
    if (destroyed_) return;
    destroyed_ = true;
    reports_ = {};
    for (auto& l : lanes_) {
        const bool some_arrive = env_.random.chance(env_.faults.late_append);
        l.waiting.resize(some_arrive ? env_.random.below(l.waiting.size() + 1) : 0);
        for (auto& q : l.waiting) q.copy = std::string(q.view);
        l.unreported.clear();
    }
}

bool producer::over() const {
    return destroyed_ && std::all_of(lanes_.begin(), lanes_.end(),
                                     [](const lane& l) { return l.waiting.empty(); });
}

/// A request: several messages, which the broker takes or refuses together.
void producer::send(std::size_t partition) {
    auto& l = lanes_[partition];
    std::size_t n = std::min(env_.random.below(appended_at_once + 1), l.waiting.size());
    if (one_by_one_) n = std::min<std::size_t>(n, 1);
    const auto end = l.waiting.begin() + static_cast<std::ptrdiff_t>(n);
    if (std::any_of(l.waiting.begin(), end, [](const queued& q) { return q.refused; })) {
        return destroyed_ ? l.waiting.clear() : refuse(l);
    }
    for (; n > 0; --n) append(partition);
}

/// Whose fault it is shows only when the message was alone.
void producer::refuse(const lane& l) {
    if (std::exchange(failed_, true)) return;
    env_.seen.sometimes(seen::batch_refused);
    const bool blames = one_by_one_ || env_.bug == plant::bury_any;
    reports_.failed({.why = {.next = verdict::rejected,
                             .message = "a batch was refused",
                             .origin = "kafka:MSG_SIZE_TOO_LARGE"},
                     .event = blames ? std::optional(l.waiting.front().ref) : std::nullopt});
}

void producer::append(std::size_t partition) {
    auto& l = lanes_[partition];
    auto& q = l.waiting.front();
    log_record r{q.id, destroyed_ ? q.copy : std::string(q.view)};
    l.recent.push_back(r);
    if (l.recent.size() > repeated_max) l.recent.erase(l.recent.begin());
    l.unreported.push_back(q.number);
    l.waiting.pop_front();
    env_.trace("tenure {} appends {} to partition {}{}", tenure_, r.id.to_string(), partition,
               destroyed_ ? ", late" : "");
    broker_.append(partition, std::move(r));
    if (destroyed_) env_.seen.sometimes(seen::late_append);
    if (!destroyed_ && broker_.newest_tenure() > tenure_) {
        env_.seen.sometimes(seen::zombie_published);
    }
}

/// One report a piece and call, as the real sink counts them.
void producer::report(std::size_t partition) {
    auto& l = lanes_[partition];
    std::map<std::uint64_t, std::size_t> tally;
    for (std::size_t n = 1 + env_.random.below(l.unreported.size()); n > 0; --n) {
        ++tally[l.unreported.front()];
        l.unreported.pop_front();
    }
    for (const auto& [number, events] : tally) reports_.acknowledged(number, events);
}

/// Leader changes make librdkafka repeat its last batches now and then.
void producer::repeat(std::size_t partition) {
    for (const auto& r : lanes_[partition].recent) broker_.append(partition, r);
}

void producer::fail() {
    env_.seen.sometimes(seen::producer_failed);
    if (env_.bug == plant::go_on_after_failure) {
        // The failed message leaves a gap, and counts as sent.
        for (auto& l : lanes_) {
            if (l.waiting.empty()) continue;
            l.unreported.push_back(l.waiting.front().number);
            l.waiting.pop_front();
        }
        return;
    }
    failed_ = true;
    reports_.failed(
        {.why = {.next = verdict::in_doubt, .message = "a delivery failed", .origin = "kafka"}});
}

void producer::step() {
    const std::size_t partition = env_.random.below(lanes_.size());
    auto& l = lanes_[partition];
    const bool silent = failed_ || destroyed_;
    if (!silent && env_.random.chance(env_.faults.producer_failure)) return fail();
    send(partition);
    if (!l.recent.empty() && env_.random.chance(env_.faults.repeat_append)) repeat(partition);
    if (!silent && !l.unreported.empty() && env_.random.chance(0.5)) report(partition);
}

std::shared_ptr<producer> broker::connect(std::uint64_t tenure, bool one_by_one,
                                          producer_reports reports) {
    auto p = std::make_shared<producer>(env_, *this, tenure, one_by_one, std::move(reports));
    producers_.push_back(p);
    newest_tenure_ = std::max(newest_tenure_, tenure);
    return p;
}

void broker::append(std::size_t partition, log_record r) {
    env_.truth.appended(r.id, partition);
    logs_[partition].push_back(std::move(r));
}

void broker::step() {
    std::erase_if(producers_, [](const auto& p) { return p->over(); });
    if (producers_.empty() || env_.random.chance(env_.faults.slow_broker)) return;
    const auto p = env_.random.pick(producers_);
    p->step();
}

}  // namespace onceward::sim
