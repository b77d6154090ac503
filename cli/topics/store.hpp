#pragma once

/// @file
/// What the outbox knows of topics: those that it uses, and their pinned partition counts.

#include <cstdint>
#include <string>
#include <vector>

#include "onceward/result.hpp"
#include "pg/connection.hpp"
#include "topics/judge.hpp"

namespace onceward::cli {

/// The topics of the newest 10,000 events, and all that are pinned.
result<std::vector<used_topic>> used_topics(pg::connection& c, const std::string& schema);

/// Pins a topic that is not pinned yet. @return The count that it is pinned to.
result<int> pin_topic(pg::connection& c, const std::string& schema, const std::string& topic,
                      int partitions);

/// Begins the transaction in which a pin changes. Until it ends no relay of this outbox can store a
/// cursor, so that what one publishes meanwhile by the old count is published again by the new one.
/// @return The events of the topic that are not published, at most 10,000.
result<std::int64_t> begin_repin(pg::connection& c, const std::string& schema,
                                 const std::string& topic);

/// Sets the count, ends all leases, so that every relay begins with it, and commits.
result<done> finish_repin(pg::connection& c, const std::string& schema, const std::string& topic,
                          int partitions);

}  // namespace onceward::cli
