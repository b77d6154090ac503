#include "inbox/io/sql_text.hpp"

#include <fmt/format.h>

namespace onceward::inbox_io {

std::string sql_day(message_id::time_point t) {
    const std::chrono::year_month_day d{std::chrono::floor<std::chrono::days>(t)};
    return fmt::format("{:04}-{:02}-{:02}", int{d.year()}, unsigned{d.month()}, unsigned{d.day()});
}

std::string sql_text(std::string_view text, std::size_t bytes_max) {
    std::string out;
    for (const char c : text.substr(0, bytes_max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte == '\n' || (byte >= 0x20 && byte < 0x7f)) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", byte);
        }
    }
    return out;
}

std::optional<std::string> sql_bytes(const std::optional<std::string>& bytes) {
    if (!bytes) return std::nullopt;
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\\x";
    out.reserve(2 + 2 * bytes->size());
    for (const char c : *bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 0x0f];
    }
    return out;
}

std::string bytes_of_hex(std::string_view digits) {
    const auto value = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    out.reserve(digits.size() / 2);
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        out += static_cast<char>(value(digits[i]) * 16 + value(digits[i + 1]));
    }
    return out;
}

}  // namespace onceward::inbox_io
