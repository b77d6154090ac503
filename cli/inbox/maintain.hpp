#pragma once

/// @file
/// The day partitions of the inbox, looked after by their owner.

#include <chrono>
#include <string>
#include <vector>

#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// What became of a day that nobody needs any more.
struct day_outcome {
    std::string name;
    std::string outcome;  ///< dropped, or waits: transactions that may use it are still open.
};

struct maintain_report {
    std::int64_t made = 0;  ///< Day partitions that were missing.
    std::vector<day_outcome> old_days{};

    [[nodiscard]] bool complete() const;
};

/// Makes the days that are missing, a week ahead, and drops those that no consumer judges by.
///
/// From PostgreSQL 14 on a day is detached by stages: nobody waits for it, and it waits for the
/// transactions that use the parent. What takes longer than `patience` is gone on with at the next
/// call. Before 14 the lock that DROP needs is tried for 50 ms.
result<maintain_report> maintain(pg::connection& c, const std::string& schema,
                                 std::chrono::milliseconds patience);

}  // namespace onceward::cli
