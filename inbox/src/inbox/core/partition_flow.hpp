#pragma once

/// @file
/// consume -> admit -> apply -> **position**. One partition's way: what to do next, and what a
/// failure means. Facts in, decisions out; no clock, dice or handle.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "inbox/core/refusal.hpp"
#include "inbox/core/retry.hpp"

namespace onceward::inbox_core {

/// Whose turn it is, and where: both come from the position row.
struct position {
    std::int64_t epoch = 0;     ///< The fencing token that this owner took.
    std::int64_t next_off = 0;  ///< Everything below is applied or kept aside.

    friend bool operator==(const position&, const position&) = default;
};

struct flow_limits {
    std::size_t batch_max = 100;
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{5'000};
    std::chrono::milliseconds take_pause{3'000};  ///< Least time between two takes of an epoch.
    /// Failures of one batch after which its messages are tried one by one, so that those before
    /// a message that always fails "for now" are not held up by it.
    int isolate_after = 3;
    bool dead_letter = false;  ///< A message at fault is set aside instead of stopping.
};

enum class step : std::uint8_t {
    apply,    ///< Apply up to `batch_limit` messages from `at().next_off` on, in one transaction.
    take,     ///< Take the epoch again: another owner has it, or a person raised it.
    stopped,  ///< Nothing until a person has acted; `reason` says why.
    left,     ///< Nothing any more: the partition is not ours.
};

class partition_flow {
public:
    partition_flow(position taken, flow_limits limits);

    // Facts. Each tells how the step that `next` named has ended.

    /// The transaction committed, or an earlier one in doubt turned out to have. Positions never
    /// move back.
    void committed(std::int64_t next_off);
    /// Rolled back, and may succeed later.
    void failed_for_now(double dice);
    /// Rolled back, and can never succeed as it is. Several messages are then redone one by one, up
    /// to `end`, the offset after the last. A single one, at `end - 1`, stops the partition, or is
    /// condemned, if dead letters are wanted and it is itself at fault; once only: what can neither
    /// be applied nor set aside stops the partition.
    void failed_for_good(std::size_t messages, std::int64_t end, refusal why);
    /// The connection broke in COMMIT: `end` would be the position, had it committed.
    void commit_unknown(std::int64_t end, double dice);
    /// The position row no longer has our epoch. Nothing has changed.
    void fenced(double dice);
    /// The epoch was taken again; the row's position counts, whatever we thought.
    void took(position now);
    /// The partition cannot be read on.
    void stop(std::string why);
    /// The group has given the partition to another.
    void leave();

    // Decisions.

    [[nodiscard]] step next() const { return step_; }
    /// The least time before `next` is carried out, counted from the last fact.
    [[nodiscard]] std::chrono::milliseconds pause() const { return pause_; }
    [[nodiscard]] std::size_t batch_limit() const;
    /// Whether a message at `offset` is still to be decided on.
    [[nodiscard]] bool wants(std::int64_t offset) const { return offset >= at_.next_off; }
    /// The position of an unknown COMMIT: before anything else, a transaction looks whether that
    /// progress is there, under the lock on the position row.
    [[nodiscard]] const std::optional<std::int64_t>& in_doubt() const { return in_doubt_; }
    /// The message that the next batch sets aside with this reason instead of handling it; it then
    /// takes that one alone.
    [[nodiscard]] const std::optional<refusal>& condemned() const { return condemned_; }
    [[nodiscard]] const position& at() const { return at_; }
    /// 1 for the first try.
    [[nodiscard]] int attempt() const { return retry_.failures() + 1; }
    [[nodiscard]] const std::string& reason() const { return reason_; }

private:
    [[nodiscard]] bool isolating() const { return at_.next_off < isolate_until_; }
    void isolate_until(std::int64_t end);
    void try_again(double dice);

    position at_;
    flow_limits limits_;
    retry retry_;
    step step_ = step::apply;
    std::chrono::milliseconds pause_{0};
    std::int64_t isolate_until_ = 0;
    std::optional<std::int64_t> in_doubt_;
    std::optional<refusal> condemned_;
    std::string reason_;
};

}  // namespace onceward::inbox_core
