#pragma once

/// @file
/// What the reader's and the producer's threads tell the core's thread.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "onceward/result.hpp"
#include "relay/core/event.hpp"
#include "relay/core/refusal.hpp"

namespace onceward::relay_core {

struct piece_read {
    piece what;
};
struct read_failed {
    failure why;
};
struct events_acknowledged {
    std::uint64_t number;
    std::size_t events;
};
struct sink_failed {
    refusal what;
};
struct sink_in_trouble {
    std::string reason;
};
using fact =
    std::variant<piece_read, read_failed, events_acknowledged, sink_failed, sink_in_trouble>;

/// Facts in the order in which they happened. Its length is bounded by what is in flight: one read
/// at a time, and at most one report an unacknowledged event.
class fact_queue {
public:
    void push(fact f) {
        {
            const std::lock_guard lock(guard_);
            facts_.push_back(std::move(f));
        }
        arrived_.notify_one();
    }

    /// The next fact; empty when none has come by `deadline` or `stop` is asked for.
    template <class Time>
    std::optional<fact> pop(const std::stop_token& stop, Time deadline) {
        std::unique_lock lock(guard_);
        arrived_.wait_until(lock, stop, deadline, [this] { return !facts_.empty(); });
        if (facts_.empty()) return std::nullopt;
        fact f = std::move(facts_.front());
        facts_.pop_front();
        return f;
    }

private:
    std::mutex guard_;
    std::condition_variable_any arrived_;
    std::deque<fact> facts_;
};

}  // namespace onceward::relay_core
