#pragma once

/// @file
/// Where code that makes events puts them, whoever keeps them.

#include "onceward/event.hpp"
#include "onceward/message_id.hpp"

namespace onceward {

/// What takes events: the outbox in a transaction (`transaction_sink`), a handler's context, or in
/// a unit test, without any database, `testing::recorder`.
class event_sink {
public:
    virtual ~event_sink() = default;

    /// Takes one event.
    /// @return The event's id, which consumers deduplicate by.
    /// @throws limit_exceeded  The event breaks a limit; nothing was taken.
    virtual message_id emit(event e) = 0;
};

}  // namespace onceward
