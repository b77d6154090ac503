#pragma once

/// @file
/// Planted bugs: the checkers must catch each of them. They live in the simulation's adapters and
/// drivers, the product's core knows nothing of them.

#include <cstdint>
#include <optional>
#include <string_view>

namespace onceward::sim {

enum class plant : std::uint8_t {
    none,
    recompute_hi,         ///< Keeps the progress of a stored window under a fresh end.
    unfenced_cursor,      ///< Any holder may move the cursor, however old its lease.
    early_ack,            ///< Counts an event as acknowledged before its delivery report.
    naive_seq,            ///< Polls by `seq > last`.
    xid_horizon,          ///< Polls up to the oldest running transaction, in order of (xid, seq).
    no_flush_barrier,     ///< Publishes and chains what a crash can take back.
    no_life_check,        ///< Trusts snapshots of another life of the server.
    skip_latecomers,      ///< Reads only transactions that began after the last snapshot.
    hasty_merge,          ///< Takes from a merge while a run has to be fed.
    hasty_pipeline,       ///< Advances over pieces that are not acknowledged.
    go_on_after_failure,  ///< Keeps a producer that has lost a message.
    forget_progress,      ///< Resumes a stored window at its begin.
    no_bounds,            ///< Reads a whole window as one piece.
    never_advance,        ///< Publishes, and never moves the cursor.
    bury_any,             ///< Makes a dead letter of a refused batch's first event.
    no_tombstone,         ///< Forgets what is a dead letter.
    no_dedup,             ///< Applies a message again.
    position_first,       ///< Commits the position before the effects.
    blame_the_first,      ///< Sets the first of a batch aside, whichever of it fails for good.
    forget_dead_id,       ///< Sets a message aside without remembering its id.
    redrive_settled,      ///< Redrives a dead letter that has taken effect already.
};

/// @return Empty when there is no plant of that name.
std::optional<plant> plant_of(std::string_view name);

std::string_view name_of(plant bug);

}  // namespace onceward::sim
