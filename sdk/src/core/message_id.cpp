#include "onceward/message_id.hpp"

#include <cstring>

#include "core/id_text.hpp"

namespace onceward {

namespace {

constexpr bool dash_before(std::size_t byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<message_id> message_id::parse(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    bytes raw{};
    std::size_t at = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (dash_before(i) && text[at++] != '-') return std::nullopt;
        const int high = hex_digit(text[at++]);
        const int low = hex_digit(text[at++]);
        if (high < 0 || low < 0) return std::nullopt;
        raw[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return message_id(raw);
}

std::array<char, 36> id_text(const message_id& id) {
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, 36> text;
    char* at = text.data();
    for (std::size_t i = 0; i < id.raw().size(); ++i) {
        if (dash_before(i)) *at++ = '-';
        *at++ = digits[id.raw()[i] >> 4];
        *at++ = digits[id.raw()[i] & 0x0f];
    }
    return text;
}

std::string message_id::to_string() const {
    const auto text = id_text(*this);
    return {text.data(), text.size()};
}

message_id::time_point message_id::time() const {
    std::uint64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | raw_[i];
    return time_point{std::chrono::milliseconds(ms)};
}

}  // namespace onceward

std::size_t std::hash<onceward::message_id>::operator()(
    const onceward::message_id& id) const noexcept {
    // The low half of a UUIDv7 is random: no mixing needed.
    std::uint64_t low = 0;
    std::memcpy(&low, id.raw().data() + 8, sizeof low);
    return static_cast<std::size_t>(low);
}
