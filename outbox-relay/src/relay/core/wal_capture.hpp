#pragma once

/// @file
/// The WAL engine: reads committed events in the order of their commits, from a replication slot;
/// and from the table wherever the slot does not have them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "relay/core/poll_capture.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// Streams the outbox, and hands over from the table and back with nothing lost, repeated or
/// reordered.
///
/// To the stream: the table is read up to a snapshot in which every transaction has ended that may
/// have committed before the slot was made. What that snapshot does not see comes through the slot;
/// what it sees comes through the slot too, perhaps, and is dropped by its transaction id.
///
/// To the table: every piece ends at a snapshot that sees exactly what was read, and at a place in
/// the WAL. Transactions that were decoded are known by name; marks, which are written into the WAL
/// with the snapshot of their moment, keep their names few.
class wal_capture final : public capture {
public:
    /// @param mine     Whether this shard publishes the event.
    /// @param streams  Called when the stream takes over from the table.
    wal_capture(outbox_reader& table, wal_reader& wal, const position& start, piece_limits limits,
                std::function<bool(const captured_event&)> mine, std::function<void()> streams);

    result<piece> read() override;
    [[nodiscard]] bool waits() const override { return streaming_; }
    void stored(std::uint64_t wal) override;
    result<done> rest() override;

private:
    result<piece> read_table();
    result<done> look_at_slot();
    [[nodiscard]] bool slot_has_the_rest() const;
    result<done> start_stream();
    result<piece> read_stream();
    result<done> read_parts(piece& to);
    result<piece> end_of(piece p);
    result<piece> fall_back(piece p, const std::string& why);
    void take(const decoded& d, piece& to);
    void take_row(const decoded_row& row, piece& to);
    void take_commit(const decoded_commit& c);
    void apply_mark();
    result<bool> mark_if_due();
    [[nodiscard]] position reached() const;

    outbox_reader& table_;
    wal_reader& wal_;
    piece_limits limits_;
    std::function<bool(const captured_event&)> mine_;
    std::function<void()> streams_;

    std::optional<poll_capture> poll_;
    position end_;  ///< Of the last piece.
    slot_state slot_;

    bool streaming_ = false;
    bool standbys_ = false;  ///< Only a commit of ours can tell that synchronous standbys have it.
    snapshot lo_;            ///< Sees what was read of the stream, but for `ended_`.
    std::vector<std::uint64_t> ended_;  ///< What was read since and `lo_` does not see; sorted.
    bool exact_ = true;                 ///< The two together see all that was read.
    std::uint64_t wal_end_ = 0;         ///< Of the last transaction, or of what was looked at.
    std::optional<std::uint64_t> xid_;  ///< Of the transaction that is being read.
    bool in_transaction_ = false;
    std::optional<wal_mark> awaited_;
    bool mark_has_come_ = false;  ///< In the transaction that is being read.
};

}  // namespace onceward::relay_core
