#pragma once

/// @file
/// The unit of sharding, which a replication stream does not carry: generated columns are left out.

#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// What `onceward.bucket_of` gives for the event, 0 to 255.
int bucket_of(const captured_event& e);

}  // namespace onceward::relay_core
