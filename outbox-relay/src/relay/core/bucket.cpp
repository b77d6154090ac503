#include "relay/core/bucket.hpp"

#include "core/sha256.hpp"

namespace onceward::relay_core {

/// The first byte of SHA-256 over topic, a zero byte and key; without a key, over the id.
int bucket_of(const captured_event& e) {
    const std::string_view id(reinterpret_cast<const char*>(e.id.data()), e.id.size());
    const auto digest =
        sha256{}.add(e.topic).add(std::string_view("\0", 1)).add(e.key.value_or(id)).finish();
    return digest[0];
}

}  // namespace onceward::relay_core
