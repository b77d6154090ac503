#pragma once

/// @file
/// Takes a partition: at assignment, and again after another owner has fenced us.

#include <chrono>
#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>

#include "inbox/core/partition_flow.hpp"
#include "inbox/core/resume.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "onceward/result.hpp"

namespace onceward::inbox_io {

struct taken {
    inbox_core::position at;
    std::string problem;  ///< Why reading cannot go on there; empty: it can.
};

/// Raises the partition's epoch and reads its position; where there is none, makes it as
/// `options.start` says. Kafka is asked before the database, so that no transaction waits for it.
/// @return `transient` when either of them did not answer in its time; nothing has changed then,
///         but for an epoch that may have been raised once more.
result<taken> take_partition(environment& env, const store& tables, session& s, rd_kafka_t* kafka,
                             const place& at);

/// Writes that a partition waits for a person. A failure is logged; the partition stops all the
/// same.
void write_stopped(environment& env, const store& tables, session& s, const place& at,
                   std::int64_t epoch, const std::string& reason);

}  // namespace onceward::inbox_io
