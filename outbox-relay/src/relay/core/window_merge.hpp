#pragma once

/// @file
/// Puts a large window into order without sorting it: a merge of runs that each come in order.

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// Merges runs of events by sequence number.
///
/// A window's events come as one run for the transactions that began after its start and one for
/// each latecomer. Events are taken only while every unfinished run has one waiting: whatever
/// arrives later stands behind it in its own run.
class window_merge {
public:
    explicit window_merge(std::size_t runs) : runs_(runs) {}

    /// A run that has to be fed before more can be taken; empty when none has.
    [[nodiscard]] std::optional<std::size_t> starving() const;

    /// The sequence number after which a run is to be read on.
    [[nodiscard]] std::int64_t after(std::size_t which) const { return runs_[which].after; }
    /// All runs start behind this sequence number.
    void start_after(std::int64_t seq);
    void start_run_after(std::size_t which, std::int64_t seq);

    /// Hands over the next events of a run; `last` when there are no more.
    void feed(std::size_t which, chunk c, bool last);

    /// Appends to `to` what can be taken now, up to the bounds (at least one event if there is
    /// one).
    void take(piece& to, std::size_t events_max, std::size_t bytes_max);

    /// Every run is at its end and taken.
    [[nodiscard]] bool finished() const;

private:
    struct run {
        std::deque<chunk> chunks;  ///< None is taken whole.
        std::size_t next = 0;      ///< The place in the first chunk.
        std::int64_t after = 0;
        bool last = false;
        [[nodiscard]] bool waiting() const { return !chunks.empty(); }
    };
    [[nodiscard]] run* smallest();

    std::vector<run> runs_;
};

}  // namespace onceward::relay_core
