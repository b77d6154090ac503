#pragma once

/// @file
/// A model of the consumer's PostgreSQL: ids, positions, progress and a ledger of effects, changed
/// together by transactions that hold the lock on a partition's position row.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "environment.hpp"
#include "inbox/core/partition_flow.hpp"
#include "onceward/message_id.hpp"

namespace onceward::sim {

/// What a batch writes; nothing of it is there before the commit.
struct batch_writes {
    std::size_t partition = 0;
    std::vector<std::pair<message_id, std::int64_t>> ids;  ///< With the hash of their payload.
    std::vector<message_id> effects;
    std::vector<message_id> dead;            ///< Set aside.
    std::optional<message_id> redriven{};    ///< Takes effect, and is settled.
    std::optional<message_id> dead_again{};  ///< Waits for a decision again.
    std::optional<inbox_core::position> progress;
};

/// A transaction as the server sees it; it may live on when its client is gone.
struct batch_transaction {
    enum class state : std::uint8_t { open, committed, rolled_back };
    state is = state::open;
    bool committing = false;  ///< Its client has asked for it and hears no answer.
    batch_writes writes;
    std::int64_t last_statement_at = 0;
};

class inbox_database {
public:
    inbox_database(environment& env, std::size_t partitions)
        : env_(env), positions_(partitions), locks_(partitions), progress_(partitions) {}

    /// Locks the position row. @return Empty when it stays locked for too long.
    std::shared_ptr<batch_transaction> lock(std::size_t partition);
    /// The epoch and the position; only under the lock.
    [[nodiscard]] inbox_core::position at(std::size_t partition) const;
    void commit(batch_transaction& t);
    void roll_back(batch_transaction& t);

    /// Fences the former owner and folds its progress into the position. @return Empty when the
    /// row stays locked for too long.
    std::optional<inbox_core::position> take(std::size_t partition);

    [[nodiscard]] std::optional<std::int64_t> hash_of(const message_id& id) const;
    [[nodiscard]] bool has_progress(std::size_t partition, inbox_core::position p) const;

    /// The dead letter of a partition that a person wants tried again. @return Empty: there is
    /// none.
    [[nodiscard]] std::optional<message_id> to_redrive(std::size_t partition) const;
    /// A person wants one of those that wait tried again.
    void redrive_one();
    void redrive_all();
    [[nodiscard]] bool is_dead(const message_id& id) const { return dead_.contains(id); }

    /// A person wants messages again from `next_off` on.
    void put_back(std::size_t partition, std::int64_t next_off);

    /// The server's own: ends transactions whose clients say nothing for too long, and decides
    /// those that are committing.
    void step();

private:
    bool free_lock(std::size_t partition);

    environment& env_;
    std::vector<inbox_core::position> positions_;
    std::vector<std::shared_ptr<batch_transaction>> locks_;
    std::vector<std::vector<inbox_core::position>> progress_;
    std::map<message_id, std::int64_t> ids_;
    enum class decision : std::uint8_t { none, redrive, settled };
    struct dead_letter {
        std::size_t partition = 0;
        decision is = decision::none;
    };
    std::map<message_id, dead_letter> dead_;
};

}  // namespace onceward::sim
