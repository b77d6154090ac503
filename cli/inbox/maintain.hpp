#pragma once

/// @file
/// The inbox's tables, looked after by their owner: day partitions, and settled dead letters.

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
    std::int64_t forgotten = 0;  ///< Dead letters that were settled long enough ago.
    bool all_forgotten = true;   ///< False: the call has done its part, more are left.

    [[nodiscard]] bool complete() const;
};

/// Makes the days that are missing, a week ahead, and drops those that no consumer judges by.
///
/// From PostgreSQL 14 on a day is detached by stages: nobody waits for it, and it waits for the
/// transactions that use the parent. What takes longer than `patience` is gone on with at the next
/// call. Before 14 the lock that DROP needs is tried for 50 ms.
///
/// Dead letters that were redriven or discarded are forgotten `keep_settled` after that, in small
/// transactions, a million at the most. A repeat of such a message is refused while its id is
/// known, and set aside anew later; it never takes effect by itself.
result<maintain_report> maintain(pg::connection& c, const std::string& schema,
                                 std::chrono::milliseconds patience,
                                 std::chrono::milliseconds keep_settled);

}  // namespace onceward::cli
