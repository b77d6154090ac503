#include "inbox/core/digest.hpp"

#include "core/sha256.hpp"

namespace onceward::inbox_core {

std::int64_t payload_hash(const std::optional<std::string>& payload) {
    if (!payload) return 0;
    const auto digest = sha256{}.add(*payload).finish();
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < 8; ++i) hash = (hash << 8) | digest[i];
    return static_cast<std::int64_t>(hash);
}

std::int16_t bucket_of(std::string_view topic, const std::optional<std::string>& key,
                       const message_id& id) {
    const auto& raw = id.raw();
    const std::string_view id_bytes{reinterpret_cast<const char*>(raw.data()), raw.size()};
    sha256 hash;
    hash.add(topic).add({"\0", 1}).add(key ? std::string_view{*key} : id_bytes);
    return hash.finish()[0];
}

}  // namespace onceward::inbox_core
