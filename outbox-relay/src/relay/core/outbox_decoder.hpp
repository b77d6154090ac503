#pragma once

/// @file
/// From the messages of a replication stream to events: the rows that were added to the outbox, in
/// commit order.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "onceward/result.hpp"
#include "relay/core/event.hpp"
#include "relay/core/pgoutput.hpp"

namespace onceward::relay_core {

/// A row of the outbox, and the transaction that added it.
struct decoded_row {
    captured_event event;
    std::uint64_t xid = 0;
};

/// A message that was emitted in a transaction under the decoder's prefix.
struct decoded_mark {
    std::string_view content;
};

/// A transaction begins.
struct decoded_begin {};

/// A transaction is complete.
struct decoded_commit {
    lsn end_lsn = 0;
};

/// Nothing to act on.
struct decoded_nothing {};

using decoded =
    std::variant<decoded_nothing, decoded_begin, decoded_row, decoded_mark, decoded_commit>;

/// Keeps the grammar of the stream: transactions one after another, each begun, filled and
/// committed; each row under a table that was described before. Whatever does not follow it is an
/// error and never skipped: a skipped message may have been an event.
class outbox_decoder {
public:
    /// @param schema  Where the outbox is.
    /// @param prefix  Of the messages that are marks; others are some other program's.
    outbox_decoder(std::string schema, std::string prefix)
        : schema_(std::move(schema)), prefix_(std::move(prefix)) {}

    /// Takes the next message. An event's fields are copied to `memory`.
    /// @return `fatal` when the stream is not an outbox's.
    result<decoded> take(std::string_view message, arena& memory);

    /// Between `begin` and `commit`: the stream cannot be left here without a repeat.
    [[nodiscard]] bool in_transaction() const { return begun_.has_value(); }

private:
    enum which : std::uint8_t {
        seq,
        created_at,
        id,
        topic,
        type,
        key,
        payload,
        content_type,
        headers,
        xid,
        column_count
    };
    struct wanted;
    static const std::array<wanted, column_count> wanted_columns;

    /// Where a table's columns are; empty for a table that is not the outbox itself.
    struct layout {
        std::size_t columns = 0;
        std::array<std::size_t, column_count> at{};
    };
    using known_tables = std::map<std::uint32_t, std::optional<layout>>;

    result<decoded> on(const pgoutput::begin& m, arena& memory);
    result<decoded> on(const pgoutput::commit& m, arena& memory);
    result<decoded> on(const pgoutput::relation& m, arena& memory);
    result<decoded> on(const pgoutput::insert& m, arena& memory);
    result<decoded> on(const pgoutput::message& m, arena& memory);
    result<decoded> on(const pgoutput::note& m, arena& memory);
    result<layout> layout_of(const pgoutput::relation& m) const;

    std::string schema_;
    std::string prefix_;
    pgoutput::parser parser_;
    known_tables tables_;
    std::optional<lsn> begun_;  ///< The commit record of the transaction that is being told.
};

}  // namespace onceward::relay_core
