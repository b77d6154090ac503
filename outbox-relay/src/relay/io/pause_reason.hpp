#pragma once

/// @file
/// Whether a person has paused the shard.

#include <string>

#include "onceward/relay.hpp"
#include "onceward/result.hpp"
#include "pg/connection.hpp"

namespace onceward::relay_core {

/// Why the shard is paused; empty when it is not.
result<std::string> pause_reason(pg::connection& session, const std::string& schema,
                                 const std::string& shard);

/// The same in a session of its own.
result<std::string> pause_reason(const relay_options& options);

}  // namespace onceward::relay_core
