#pragma once

/// @file
/// What the inbox remembers of a message besides its id.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "onceward/message_id.hpp"

namespace onceward::inbox_core {

/// The first eight bytes of SHA-256 over the payload, big-endian; in SQL
/// `('x' || encode(substr(sha256(payload), 1, 8), 'hex'))::bit(64)::bigint`. 0 for a tombstone.
std::int64_t payload_hash(const std::optional<std::string>& payload);

/// The outbox's bucket of an event, 0 to 255: `onceward.bucket_of(topic, key, id)`.
std::int16_t bucket_of(std::string_view topic, const std::optional<std::string>& key,
                       const message_id& id);

}  // namespace onceward::inbox_core
