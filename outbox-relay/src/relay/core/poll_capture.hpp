#pragma once

/// @file
/// The poll engine: cuts the outbox at snapshots and chains the windows between them.

#include <optional>

#include "relay/core/window_merge.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

struct piece_limits {
    std::size_t events_max;
    std::size_t bytes_max;  ///< A piece has at least one event, whatever its size.
};

/// Reads windows (lo, hi], each in order of sequence numbers.
///
/// Correct because the transactions visible in a snapshot form a prefix of each key's history, and
/// within a window the sequence number follows the order in which a key's lock was held
/// (docs/architecture.md, "Why snapshots"). PgQ's batches are cut the same way.
///
/// A window's end is used only when everything it sees is durable: a crash of the server would
/// otherwise give its transaction ids to others, which would then count as published.
class poll_capture final : public capture {
public:
    poll_capture(outbox_reader& reader, const position& start, piece_limits limits);

    result<piece> read() override;

private:
    struct large_window {
        snapshot hi;
        std::string hi_text;
        std::vector<std::uint64_t> latecomers;
        window_merge merge;
    };

    result<piece> read_small();
    result<piece> finish_small(opened_window w);
    result<piece> skip_empty(const opened_window& w);
    result<done> make_durable(const std::string& wal_end, bool durable);
    result<done> open_large(const snapshot& hi, std::int64_t after);
    result<piece> read_large();
    result<done> feed_large();
    void close_window(const snapshot& hi);
    piece nothing() const;

    outbox_reader& reader_;
    piece_limits limits_;
    snapshot lo_;
    std::string lo_text_;
    std::optional<large_window> large_;
    std::optional<position> resume_;  ///< A stored window in progress, not opened yet.
};

}  // namespace onceward::relay_core
