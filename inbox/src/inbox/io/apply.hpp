#pragma once

/// @file
/// **admit** -> **apply**: one batch of one partition, in one transaction.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "inbox/core/partition_flow.hpp"
#include "inbox/io/day_keeper.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/inbound.hpp"
#include "inbox/io/open_transaction.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "onceward/outbox.hpp"

namespace onceward::inbox_io {

/// What a committed batch did.
struct tally {
    std::uint64_t applied = 0;
    std::uint64_t duplicates = 0;  ///< Old replays too.
    std::uint64_t quarantined = 0;
};

/// How a batch ended. Except after `committed` nothing has changed, or it is in doubt.
struct ending {
    enum class kind : std::uint8_t {
        committed,  ///< `next_off` is the position, `did` what this transaction did.
        was_there,  ///< The batch in doubt had committed, up to `next_off`.
        fenced,     ///< Another owner has the partition.
        for_now,    ///< Rolled back; try again.
        for_good,   ///< Rolled back; it fails again.
        in_doubt,   ///< The connection broke in COMMIT; `next_off` and `did` if it committed.
    } how = kind::for_now;
    std::int64_t next_off = 0;
    tally did{};
    std::string reason{};  ///< For the person who looks at inbox_position.
    std::string origin{};  ///< For the log.
    bool session_lost = false;
};

/// One batch's facts besides its messages.
struct batch_place {
    place at;
    inbox_core::position from;
    std::optional<std::int64_t> in_doubt;  ///< The position of a COMMIT that is in doubt.
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
    void handle(class batch_context& context, const inbound& m);
    ending commit(open_transaction& tx, ending done);
    ending failed(std::exception_ptr thrown, bool committing);
    void plant_early_ack(const batch_place& p, std::int64_t next_off);

    environment& env_;
    const store& tables_;
    const day_keeper& days_;
    session& session_;
    outbox outbox_;
    const inbound* in_hand_ = nullptr;  // the message whose handler runs
};

}  // namespace onceward::inbox_io
