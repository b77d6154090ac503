#pragma once

/// @file
/// A logical replication stream: the committed changes of a publication as they stand in the WAL,
/// over libpq's COPY BOTH.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "onceward/result.hpp"
#include "pg/connection.hpp"
#include "relay/core/replication_frame.hpp"

namespace onceward::relay_core {

/// What is streamed.
struct stream_source {
    std::string slot;
    std::string publication;
    lsn from = 0;  ///< The first transaction's commit is behind it; 0: as the slot says.
};

/// Never waits longer than it is told to, and never for Kafka: who does not want to read now calls
/// `keep_alive` meanwhile, for the server ends a stream whose reader is silent.
///
/// @par Thread safety
/// None.
class replication_stream {
public:
    using clock = std::chrono::steady_clock;

    /// @return `transient` when the slot is in use; it cannot be shared.
    static result<replication_stream> open(const std::string& database,
                                           const stream_source& source);

    /// The next message of the output plugin, valid until the next call; empty when none has come
    /// within `wait`.
    result<std::optional<std::string_view>> next(std::chrono::milliseconds wait);

    /// Everything up to here was handed over, whether or not it brought a message.
    [[nodiscard]] lsn looked_at() const { return looked_at_; }

    /// Everything before `place` is of no more use: the slot gives it up with the next status.
    void confirm(lsn place);

    /// Tells the server, where that is due, that the reader lives. At least once a second.
    result<done> keep_alive();

private:
    explicit replication_stream(pg::connection session) : session_(std::move(session)) {}
    result<done> start(const stream_source& source);
    result<bool> receive(std::chrono::milliseconds wait);
    result<done> wait_for_socket(std::chrono::milliseconds wait);
    failure ended();
    [[nodiscard]] bool status_is_due() const;

    pg::connection session_;
    std::unique_ptr<char, pg::destroy_with<&PQfreemem>> frame_;
    std::size_t frame_size_ = 0;
    lsn looked_at_ = 0;
    lsn confirmed_ = 0;
    lsn told_ = 0;  ///< What the last status confirmed.
    bool reply_now_ = false;
    clock::time_point told_at_{};
    std::chrono::milliseconds status_interval_{};
};

}  // namespace onceward::relay_core
