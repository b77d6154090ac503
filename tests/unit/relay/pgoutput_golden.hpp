#pragma once

/// @file
/// A transaction that adds two events and a mark, byte for byte as PostgreSQL 15.18 sent it
/// (proto_version 1, binary, messages; the publication via the partitions' root).

#include <string>
#include <string_view>
#include <vector>

namespace onceward::relay_core {

inline std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return bytes;
}

namespace golden {

// What both descriptions, of the outbox and of its leaf, say of the columns.
inline constexpr std::string_view columns =
    "64000c00736c6f740000000015ffffffff0078696400000013cdffffffff007365710000000014ffffffff00696400"
    "00000b86ffffffff00746f7069630000000019ffffffff006b65790000000011ffffffff0074797065000000001"
    "9ffffffff007061796c6f61640000000011ffffffff00636f6e74656e745f747970650000000019ffffffff006865"
    "61646572730000000edaffffffff00637265617465645f617400000004a0ffffffff006c6174650000000010fffff"
    "fff";

inline const std::string begin = from_hex("4200000000017d971800030433cf1ffb8b000002e3");
inline const std::string outbox =
    from_hex("52000040146f6e636577617264006f7574626f7800" + std::string(columns));
inline const std::string leaf =
    from_hex("52000040c06f6e636577617264006f7574626f785f3700" + std::string(columns));
inline const std::string placed = from_hex(
    "49000040144e000c62000000020007620000000800000000000002e3620000000800000000000000026200000010"
    "01a219ddc8a77c28ac2601682f64831562000000066f72646572736200000003616e6e620000000c6f726465722e70"
    "6c61636564620000000200ff620000000a746578742f706c61696e620000000d015b5b2261222c202262225d5d6200"
    "00000800030433cf1fee56620000000100");
inline const std::string gone = from_hex(
    "49000040144e000c62000000020007620000000800000000000002e3620000000800000000000000036200000010"
    "01a219ddc8a77c28ac2601682f64831562000000066f72646572736e620000000a6f726465722e676f6e656e6e6e62"
    "0000000800030433cf1ff195620000000100");
inline const std::string mark =
    from_hex("4d0100000000017d97186f6e636577617264000000001030313233343536373839616263646566");
inline const std::string commit = from_hex("430000000000017d971800000000017d974800030433cf1ffb8b");

inline const std::vector<std::string> transaction{begin, outbox, leaf, placed, gone, mark, commit};

}  // namespace golden

}  // namespace onceward::relay_core
