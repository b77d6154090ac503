#pragma once

/// @file
/// Between capture and publish: which events are published as they come.

#include <set>
#include <string>

#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// What must not be published as it comes, for one lease's time.
struct exceptions {
    std::set<event_ref> buried;  ///< Dead letters that the cursor has not passed.
    std::set<std::string, std::less<>> held_topics{};  ///< Topics that cannot be published to now.
};

enum class way : std::uint8_t {
    publish,
    hold,  ///< Its topic is held: it waits behind those of its topic that wait.
    skip,  ///< It is a dead letter, or was one: a person decides on it.
};

/// The way of each event. Both sets change between leases only, so that no event of a topic is in
/// flight while another one of it is held.
class router {
public:
    router() = default;
    explicit router(exceptions known) : known_(std::move(known)) {}

    [[nodiscard]] way of(const captured_event& e) const {
        if (!known_.buried.empty() && known_.buried.contains(ref_of(e))) return way::skip;
        if (known_.held_topics.contains(e.topic)) return way::hold;
        return way::publish;
    }
    [[nodiscard]] const std::set<std::string, std::less<>>& held_topics() const {
        return known_.held_topics;
    }
    /// The topic's events are published from now on. Only before the first event is read.
    void release(const std::string& topic) { known_.held_topics.erase(topic); }

private:
    exceptions known_;
};

}  // namespace onceward::relay_core
