#pragma once

/// @file
/// A consumer's process over the inbox's core: takes partitions that the group assigns to it and
/// applies their batches, wired as the threaded worker does it.

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "broker.hpp"
#include "inbox/core/admit.hpp"
#include "inbox/core/partition_flow.hpp"
#include "inbox_database.hpp"
#include "session.hpp"

namespace onceward::sim {

/// Which consumer the group has given each partition to.
using assignment = std::vector<std::size_t>;

/// How a batch ended, as the threaded applier tells it.
enum class batch_ending : std::uint8_t {
    committed,
    was_there,
    fenced,
    for_now,
    for_good,
    in_doubt
};

class consumer {
public:
    consumer(environment& env, const broker& kafka, inbox_database& database,
             const assignment& group, std::size_t number)
        : env_(env), kafka_(kafka), database_(database), group_(group), number_(number) {}

    void step();
    void kill() { process_.killed = true; }
    void pause(std::int64_t ms) { paused_until_ = std::max(paused_until_, env_.now + ms); }
    void wake() { paused_until_ = env_.now; }
    /// A person starts it again where a partition has stopped.
    void restart_if_stopped();

private:
    struct owned {
        inbox_core::partition_flow flow;
        std::int64_t not_before = 0;
    };
    struct ending {
        batch_ending how;
        std::int64_t next_off = 0;
    };

    void follow_assignment();
    void serve(std::size_t partition);
    void take_again(std::size_t partition, owned& p);
    void apply(std::size_t partition, owned& p);
    ending attempt(std::size_t partition, const owned& p, std::span<const log_record> batch);
    /// @return How it failed; empty when all is written.
    std::optional<batch_ending> run(batch_transaction& t, const owned& p,
                                    std::span<const log_record> batch);
    std::optional<batch_ending> handle(batch_transaction& t, const log_record& m);
    [[nodiscard]] bool is_poison(const message_id& id) const;
    void ask_database(batch_transaction& t, inbox_core::batch_admission& admit,
                      const std::vector<inbox_core::identity>& facts);
    ending commit(batch_transaction& t, std::int64_t next_off);
    void redrive(std::size_t partition, owned& p);
    void set_aside(batch_transaction& t, std::span<const log_record> batch, std::size_t i);
    void settle(owned& p, const ending& e, std::span<const log_record> batch);
    void check_stop(const owned& p, std::span<const log_record> batch);
    std::optional<inbox_core::position> take(std::size_t partition);
    /// A statement in `t`. @return False when the session or the transaction is gone.
    bool statement(batch_transaction& t);
    void let_others_go_on();
    void start_again();

    environment& env_;
    const broker& kafka_;
    inbox_database& database_;
    const assignment& group_;
    const std::size_t number_;

    process process_;
    std::map<std::size_t, owned> partitions_;
    std::int64_t paused_until_ = 0;
    std::int64_t wait_until_ = 0;
    bool busy_ = false;
};

}  // namespace onceward::sim
