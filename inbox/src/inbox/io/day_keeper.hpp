#pragma once

/// @file
/// Keeps the inbox's day partitions: makes them ahead, drops them behind.

#include <atomic>
#include <chrono>
#include <mutex>

#include <pqxx/transaction_base>

#include "inbox/core/days.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"

namespace onceward::inbox_io {

/// One for all workers of an inbox: when it is due, one of them does it, on its own connection.
///
/// @par Thread safety
/// Any thread, but for `learn`.
class day_keeper {
public:
    day_keeper(environment& env, const store& tables) : env_(env), tables_(tables) {}

    /// Makes what is missing and hears what there is. Once before the first batch.
    void learn(pqxx::transaction_base& tx);

    /// Once an hour: makes days, then drops those that no consumer judges by any more. A failure is
    /// logged, and tried again after a minute.
    void keep_if_due(session& s);

    /// For a batch that begins at `now`, the database's time.
    /// @throws transient_error  Too little is known of the days.
    [[nodiscard]] inbox_core::id_window window(message_id::time_point now) const;

private:
    using clock = std::chrono::steady_clock;

    std::chrono::minutes keep(session& s);
    /// @return Whether all that may go is gone.
    bool drop_old(session& s, const char* parent);
    inbox_core::kept_days make(session& s);
    void set(const inbox_core::kept_days& kept);
    void warn_when_few_are_left();

    environment& env_;
    const store& tables_;
    std::mutex keeping_;
    std::atomic<clock::rep> due_{0};  // 0: at once

    mutable std::mutex mutex_;
    inbox_core::kept_days kept_{};
    clock::time_point heard_at_{};
};

}  // namespace onceward::inbox_io
