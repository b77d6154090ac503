#pragma once

/// @file
/// What is known of the inbox's day partitions, and what may be judged by them.

#include <chrono>
#include <string>

#include "inbox/core/admit.hpp"
#include "onceward/message_id.hpp"

namespace onceward::inbox_core {

/// Days that the database has, as of some moment.
struct kept_days {
    std::chrono::sys_days last_day;   ///< Partitions exist up to this one.
    std::chrono::sys_days ids_since;  ///< No day from here on was ever dropped.
};

/// So long a consumer may judge by what it once heard of the days. Others drop no day that a
/// consumer judges by for twice as long after it was heard of last.
inline constexpr std::chrono::hours days_known_for{24};

/// Partitions are made a week ahead. Fewer than so many left is an alarm: somebody has to see to
/// it.
inline constexpr int days_left_min = 2;

/// Whole days after today's that there are partitions for; negative when there is none for today.
int days_left(message_id::time_point now, const kept_days& kept);

/// Why no batch may be judged now; empty: it may. Without tomorrow's partition a message of today
/// might look as if it came from the future, which would set it aside.
std::string why_not_judge(message_id::time_point now, const kept_days& kept,
                          std::chrono::milliseconds known_for);

/// The times for which ids can be judged: not longer ago than the consumer's window says, and not
/// before a day of which ids were dropped, as happens when a window is made larger.
id_window window_at(message_id::time_point now, std::chrono::days window, const kept_days& kept);

}  // namespace onceward::inbox_core
