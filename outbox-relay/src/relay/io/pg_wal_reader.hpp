#pragma once

/// @file
/// Reads the outbox out of the WAL, through a replication slot of its own.

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/core/outbox_decoder.hpp"
#include "relay/io/replication_slot.hpp"
#include "relay/io/replication_stream.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

class pg_wal_reader final : public wal_reader {
public:
    /// @param session  For marks and for looking at the slot.
    pg_wal_reader(const relay_options& options, pg::connection session, slot_trouble_sink trouble,
                  slot_loss_sink loss);

    result<slot_state> prepare(const snapshot& seen, std::uint64_t wal) override;
    result<done> start(std::uint64_t from) override;
    result<std::optional<decoded>> next(arena& memory, bool wait) override;
    [[nodiscard]] std::uint64_t looked_at() const override { return stream_->looked_at(); }
    [[nodiscard]] bool mark_is_due() const override;
    result<wal_mark> mark() override;
    result<bool> intact() override;
    void abandon(const std::string& why) override;
    void confirm(std::uint64_t wal) override { stream_->confirm(wal); }
    result<done> keep_alive() override { return stream_->keep_alive(); }

private:
    result<std::optional<decoded>> decode_next(arena& memory, bool wait);

    const relay_options& options_;
    pg::connection session_;
    replication_slot slot_;
    outbox_decoder decoder_;
    std::optional<replication_stream> stream_;
    std::chrono::steady_clock::time_point marked_at_{};
    std::chrono::steady_clock::time_point look_at_{};
};

}  // namespace onceward::relay_core
