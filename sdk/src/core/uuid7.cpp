#include "core/uuid7.hpp"

namespace onceward {

namespace {
constexpr std::uint16_t count_max = 0x0fff;
}

message_id make_uuid7(std::uint64_t unix_ms, uuid7_random dice) {
    message_id::bytes raw{};
    for (std::size_t i = 0; i < 6; ++i) {
        raw[i] = static_cast<std::uint8_t>(unix_ms >> (40 - 8 * i));
    }
    raw[6] = static_cast<std::uint8_t>(0x70 | ((dice.a >> 8) & 0x0f));
    raw[7] = static_cast<std::uint8_t>(dice.a);
    for (std::size_t i = 0; i < 8; ++i) {
        raw[8 + i] = static_cast<std::uint8_t>(dice.b >> (56 - 8 * i));
    }
    raw[8] = static_cast<std::uint8_t>(0x80 | (raw[8] & 0x3f));
    return message_id(raw);
}

message_id uuid7_sequence::next(std::uint64_t unix_ms, uuid7_random dice) {
    if (unix_ms > last_ms_) {
        last_ms_ = unix_ms;
        count_ = dice.a & (count_max >> 1);  // the upper half is room to count
    } else if (count_ == count_max) {
        ++last_ms_;
        count_ = 0;
    } else {
        ++count_;
    }
    return make_uuid7(last_ms_, {.a = count_, .b = dice.b});
}

}  // namespace onceward
