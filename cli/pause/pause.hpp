#pragma once

/// @file
/// Pausing a shard, for all of its relays and across their restarts: a row in the database.

#include <cstdint>
#include <string>

#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

inline constexpr std::size_t pause_reason_bytes_max = 1'000;

struct shard_pause {
    std::string reason;
    std::string by;      ///< Who paused it.
    std::string since;   ///< As the server writes it.
    bool is_new = true;  ///< False: it was paused already; nothing has changed.
};

/// Pauses a shard. Its relay reads nothing more within a tenth of a second of the commit; what it
/// has read already still goes out.
/// @param by  Added to the name of the database role.
/// @return A `rejected` failure when there is no such shard.
result<shard_pause> pause_shard(pg::connection& c, const std::string& schema, std::int64_t shard,
                                const std::string& reason, const std::string& by);

/// @return Whether it was paused.
result<bool> resume_shard(pg::connection& c, const std::string& schema, std::int64_t shard);

/// What its user can do about a failure of the two.
std::string pause_remedy(const failure& why);

}  // namespace onceward::cli
