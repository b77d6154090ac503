#pragma once

/// @file
/// **admit** -> **apply**: one batch of one partition, in one transaction.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "inbox/core/partition_flow.hpp"
#include "inbox/io/day_keeper.hpp"
#include "inbox/io/ending.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/inbound.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "onceward/outbox.hpp"
#include "open_transaction.hpp"

namespace onceward::inbox_io {

/// One batch's facts besides its messages.
struct batch_place {
    place at;
    inbox_core::position from;
    std::optional<std::int64_t> in_doubt;            ///< The position of a COMMIT that is in doubt.
    std::optional<inbox_core::refusal> condemned{};  ///< The message to be set aside.
};

class batch_applier {
public:
    batch_applier(environment& env, const store& tables, const day_keeper& days, session& s);

    /// Applies `batch`, ascending by offset and not below the position; may be empty only where a
    /// COMMIT is in doubt. Throws nothing: every failure is an ending.
    ending apply(const batch_place& p, std::span<const inbound> batch);

private:
    ending attempt(const batch_place& p, std::span<const inbound> batch);
    tally run(pqxx::transaction_base& tx, const batch_place& p, std::span<const inbound> batch,
              const fenced_batch& mine);
    void take_effect(class batch_context& context, const batch_place& p, const inbound& m,
                     tally& did);
    void set_aside(pqxx::transaction_base& tx, const inbound& m, const std::string& reason);
    void handle(class batch_context& context, const inbound& m);
    ending commit(open_transaction& tx, ending done);
    ending failed(const std::exception_ptr& thrown, bool committing);
    void plant_early_ack(const batch_place& p, std::int64_t next_off);

    environment& env_;
    const store& tables_;
    const day_keeper& days_;
    session& session_;
    outbox outbox_;
    const inbound* in_hand_ = nullptr;  // the message whose handler runs
};

}  // namespace onceward::inbox_io
