#pragma once

/// @file
/// How the commands that look at Kafka reach it.

#include "kafka/admin.hpp"
#include "options/option_set.hpp"

namespace onceward::cli {

/// --brokers and --kafka, as the relay has them.
options::table broker_rows();

/// @throws stop_with  --brokers is missing, or a property is refused.
kafka::admin open_admin(const options::values& values);

}  // namespace onceward::cli
