#pragma once

/// @file
/// A shard's replication slot: found as it was left, or made anew.

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// Told why the slot is of no use for now, once for each reason.
using slot_trouble_sink = std::function<void(const std::string&)>;
/// Told why a slot that had been streamed from cannot be any more.
using slot_loss_sink = std::function<void(const std::string&)>;

/// Makes the slot while its caller goes on with other things: the server waits for every
/// transaction that is open then.
///
/// @par Thread safety
/// None.
class replication_slot {
public:
    replication_slot(const relay_options& options, slot_trouble_sink trouble, slot_loss_sink loss)
        : options_(options), trouble_(std::move(trouble)), loss_(std::move(loss)) {}
    ~replication_slot();
    replication_slot(const replication_slot&) = delete;
    replication_slot& operator=(const replication_slot&) = delete;

    /// Goes on with making it ready, see wal_reader::prepare. What goes wrong with the slot is told
    /// and tried again later; a failure is one of the session.
    result<slot_state> prepare(pg::connection& session, const snapshot& seen, lsn wal);

    /// The slot is of no more use: the next `prepare` makes another one.
    void abandon(const std::string& why) { loss_(why); }

    /// Its name; empty until it was looked at.
    [[nodiscard]] const std::string& name() const { return name_; }
    /// What the publication was when the slot was looked at; changes with every alteration.
    [[nodiscard]] const std::string& publication() const { return publication_; }

private:
    using clock = std::chrono::steady_clock;

    result<slot_state> look(pg::connection& session, const snapshot& seen, lsn wal);
    result<slot_state> end_user(pg::connection& session, const std::string& pid);
    result<done> drop(pg::connection& session);
    result<done> begin_making();
    result<slot_state> making(pg::connection& session);
    void stop_making();
    slot_state later(const std::string& why);

    const relay_options& options_;
    slot_trouble_sink trouble_;
    slot_loss_sink loss_;
    std::string name_;
    std::string publication_;
    std::optional<pg::connection> maker_;  ///< Its statement is on its way.
    clock::time_point give_up_at_;
    std::string told_;
    bool loss_told_ = false;
    clock::time_point look_at_{};
};

/// Drops the slot that a WAL engine has left, so that it holds back no WAL.
/// @return Its name; empty when there was none.
result<std::string> drop_left_slot(pg::connection& session, const relay_options& options);

}  // namespace onceward::relay_core
