#pragma once

/// @file
/// What a handler sees of its batch.

#include <vector>

#include "onceward/handler.hpp"
#include "onceward/outbox.hpp"

namespace onceward::inbox_io {

/// `e` with the correlation, causation and trace of the message whose handler emits it, where it
/// has none of its own.
event caused_by(const message& cause, event e);

/// Collects what the handlers of one batch emit; `flush` adds it in the batch's transaction.
class batch_context final : public handler_context {
public:
    batch_context(pqxx::transaction_base& tx, const outbox& out) : tx_(tx), outbox_(out) {}

    /// The message that the next handler is called for; it outlives the call.
    void about(const message& m) { current_ = &m; }

    pqxx::transaction_base& tx() override { return tx_; }
    message_id emit(event e) override;

    /// Adds the events in one round trip, in the order in which they were emitted.
    void flush();

private:
    pqxx::transaction_base& tx_;
    const outbox& outbox_;
    const message* current_ = nullptr;
    std::vector<event> emitted_;
};

}  // namespace onceward::inbox_io
