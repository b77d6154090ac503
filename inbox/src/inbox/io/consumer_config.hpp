#pragma once

/// @file
/// What of librdkafka's properties the guarantees and the bounds rest on.

#include "kafka/config.hpp"
#include "onceward/inbox.hpp"

namespace onceward::inbox_io {

/// The consumer's configuration: ours, that nobody may change, over the user's, over our defaults.
/// @return `fatal` with the property that is in the way.
result<kafka::rd_conf> consumer_config(const inbox_options& o);

}  // namespace onceward::inbox_io
