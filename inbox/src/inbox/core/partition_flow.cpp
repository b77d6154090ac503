#include "inbox/core/partition_flow.hpp"

#include <algorithm>
#include <limits>

namespace onceward::inbox_core {

partition_flow::partition_flow(position taken, flow_limits limits)
    : at_(taken), limits_(limits), retry_(limits.retry_min, limits.retry_max) {}

void partition_flow::committed(std::int64_t next_off) {
    at_.next_off = std::max(at_.next_off, next_off);
    in_doubt_.reset();
    condemned_.reset();
    retry_.succeeded();
    pause_ = {};
}

void partition_flow::failed_for_now(double dice) {
    try_again(dice);
    // A batch's end is not known here; one message at a time until the failing one is past.
    if (retry_.failures() == limits_.isolate_after && limits_.batch_max > 1) {
        const auto most = static_cast<std::int64_t>(limits_.batch_max);
        isolate_until(at_.next_off > std::numeric_limits<std::int64_t>::max() - most
                          ? at_.next_off
                          : at_.next_off + most);
    }
}

void partition_flow::failed_for_good(std::size_t messages, std::int64_t end, refusal why) {
    pause_ = {};
    if (messages > 1) return isolate_until(end);
    if (!limits_.dead_letter || why.by != fault::message || condemned_) {
        return stop(std::move(why.reason));
    }
    condemned_ = std::move(why);
    condemned_->attempts = attempt();
    condemned_->offset = end - 1;
}

void partition_flow::commit_unknown(std::int64_t end, double dice) {
    in_doubt_ = end;
    try_again(dice);
}

void partition_flow::fenced(double dice) {
    const auto share = static_cast<double>(limits_.take_pause.count()) * dice;
    pause_ = limits_.take_pause +
             std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(share / 4)};
    step_ = step::take;
}

void partition_flow::took(position now) {
    at_ = now;
    in_doubt_.reset();
    condemned_.reset();
    isolate_until_ = 0;
    retry_.succeeded();
    pause_ = {};
    step_ = step::apply;
}

void partition_flow::stop(std::string why) {
    step_ = step::stopped;
    reason_ = std::move(why);
    pause_ = {};
}

void partition_flow::leave() {
    step_ = step::left;
    pause_ = {};
}

std::size_t partition_flow::batch_limit() const {
    return isolating() || condemned_ ? 1 : limits_.batch_max;
}

void partition_flow::isolate_until(std::int64_t end) {
    isolate_until_ = std::max(isolate_until_, end);
}

void partition_flow::try_again(double dice) {
    pause_ = retry_.failed(dice);
}

}  // namespace onceward::inbox_core
