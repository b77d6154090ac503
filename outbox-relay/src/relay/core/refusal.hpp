#pragma once

/// @file
/// What cannot be published, and what that means for the rest: whose fault it is, and who waits.

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "onceward/result.hpp"
#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// Why a producer is of no more use.
struct refusal {
    failure why;
    std::optional<event_ref> event{};  ///< The one at fault: it was refused alone.
    std::string topic{};               ///< The topic that cannot be published to; empty: not that.
};

/// Finds the event at fault. Brokers refuse batches: all events of a refused batch are suspects,
/// and only one that is refused in a request of its own is at fault.
class suspects {
public:
    /// How many events the coming tenure has to send one by one; 0: none.
    [[nodiscard]] std::size_t count() const { return count_; }

    /// A tenure has ended. A refused batch makes suspects of everything that was in flight; where
    /// one was found at fault, the ones behind it remain.
    void tenure_ended(const std::optional<refusal>& why, std::size_t in_flight) {
        const bool refused = why && why->why.next == verdict::rejected;
        const bool found = refused && why->event && count_ == 0;  // alone without being sent alone
        count_ = refused && !found ? in_flight : 0;
    }

private:
    std::size_t count_ = 0;
};

/// Decides when a topic that cannot be published to is held: its events then wait apart, and the
/// other topics' go on. A short trouble is waited for by all.
class topic_grace {
public:
    using clock = std::chrono::steady_clock;

    explicit topic_grace(std::chrono::milliseconds grace) : grace_(grace) {}

    /// A tenure ended because of `topic`.
    /// @return Whether the grace is over: hold the topic.
    bool over(const std::string& topic, clock::time_point now) {
        auto& t = troubles_.try_emplace(topic, now, now).first->second;
        if (now - t.last > forgotten_after()) t.first = now;  // another trouble than the last one
        t.last = now;
        return now - t.first >= grace_;
    }

    /// The longest pause between two tries: several fit into the grace.
    [[nodiscard]] std::chrono::milliseconds pause_max() const { return grace_ / 4; }

private:
    struct trouble {
        clock::time_point first, last;
    };
    [[nodiscard]] std::chrono::milliseconds forgotten_after() const { return grace_ * 3; }

    std::chrono::milliseconds grace_;
    std::map<std::string, trouble> troubles_;
};

}  // namespace onceward::relay_core
