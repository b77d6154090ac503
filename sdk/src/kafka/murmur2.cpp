#include "kafka/murmur2.hpp"

namespace onceward::kafka {

std::uint32_t murmur2(std::string_view bytes) {
    constexpr std::uint32_t m = 0x5bd1e995;
    constexpr int r = 24;
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    };
    const std::size_t size = bytes.size();
    std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(size);
    std::size_t i = 0;
    for (; i + 4 <= size; i += 4) {
        std::uint32_t k = at(i) | at(i + 1) << 8 | at(i + 2) << 16 | at(i + 3) << 24;
        k *= m;
        k ^= k >> r;
        k *= m;
        h *= m;
        h ^= k;
    }
    switch (size - i) {
        case 3:
            h ^= at(i + 2) << 16;
            [[fallthrough]];
        case 2:
            h ^= at(i + 1) << 8;
            [[fallthrough]];
        case 1:
            h ^= at(i);
            h *= m;
            break;
        default:
            break;
    }
    h ^= h >> 13;
    h *= m;
    h ^= h >> 15;
    return h;
}

}  // namespace onceward::kafka
