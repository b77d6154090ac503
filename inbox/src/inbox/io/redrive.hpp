#pragma once

/// @file
/// Dead letters that a person has decided to have applied again.

#include <chrono>
#include <set>

#include "inbox/core/partition_flow.hpp"
#include "inbox/io/day_keeper.hpp"
#include "inbox/io/ending.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "onceward/outbox.hpp"

namespace onceward::inbox_io {

/// Hands them to their handler, each in a transaction of its own under the lock on its partition's
/// position; effect, emitted events and the settled row commit together. What fails for good waits
/// for a person again, with the new reason.
class redriver {
public:
    redriver(environment& env, const store& tables, const day_keeper& days, session& s);

    /// The places with something to redrive; asks the database every two seconds at the most.
    std::set<place> look();

    /// Tries the partition's first one.
    /// @return `was_there`: there is none.
    ending redrive(const place& at, inbox_core::position from);

private:
    std::set<place> ask();
    ending attempt(const place& at, inbox_core::position from);
    void apply(pqxx::transaction_base& tx, const fenced_batch& mine);
    void admit_as_new(pqxx::transaction_base& tx, const fenced_batch& mine);
    void keep_dead(const ending& e);

    environment& env_;
    const store& tables_;
    const day_keeper& days_;
    session& session_;
    outbox outbox_;
    std::chrono::steady_clock::time_point looked_at_{};
    std::optional<dead_letter> in_hand_;
};

}  // namespace onceward::inbox_io
