#pragma once

/// @file
/// SHA-256 (FIPS 180-4), because PostgreSQL and every other language have it too: what is stored
/// with a message's id can be computed again anywhere.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace onceward {

/// Takes bytes piece by piece; about 200 MB a second.
class sha256 {
public:
    using digest = std::array<std::uint8_t, 32>;

    sha256& add(std::string_view bytes);

    /// The digest of everything added. Called once.
    digest finish();

private:
    void block(const std::uint8_t* bytes);

    std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    std::array<std::uint8_t, 64> pending_{};
    std::size_t pending_size_ = 0;
    std::uint64_t bytes_ = 0;
};

}  // namespace onceward
