#pragma once

/// @file
/// The Java client's partitioner, so that one key goes to one partition whoever produces it.

#include <cstdint>
#include <string_view>

namespace onceward::kafka {

/// MurmurHash2 as in org.apache.kafka.common.utils.Utils.murmur2.
std::uint32_t murmur2(std::string_view bytes);

/// The partition of `key` among `partitions` (at least 1).
inline std::int32_t partition_of(std::string_view key, std::int32_t partitions) {
    return static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) %
                                     static_cast<std::uint32_t>(partitions));
}

}  // namespace onceward::kafka
