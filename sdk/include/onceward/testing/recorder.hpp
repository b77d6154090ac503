#pragma once

/// @file
/// For unit tests of code that adds events: an outbox in memory. Needs `onceward::sdk` alone.

#include <string>
#include <utility>
#include <vector>

#include "onceward/event_sink.hpp"
#include "onceward/outbox.hpp"

namespace onceward::testing {

/// Keeps the events that it is given, in order, after the same checks as the outbox.
///
/// Give it to code that takes an `event_sink&`; in production that code gets a `transaction_sink`
/// or a handler's context.
class recorder final : public event_sink {
public:
    message_id emit(event e) override {
        const std::string broken = broken_limit(e);
        if (!broken.empty()) throw limit_exceeded(broken + "; nothing was added");
        if (!e.id) e.id = new_message_id();
        events_.push_back(std::move(e));
        return *events_.back().id;
    }

    /// What was added, each with its id.
    [[nodiscard]] const std::vector<event>& events() const { return events_; }

    void clear() { events_.clear(); }

private:
    std::vector<event> events_;
};

}  // namespace onceward::testing
