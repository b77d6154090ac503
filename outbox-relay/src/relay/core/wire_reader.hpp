#pragma once

/// @file
/// Reads the server's binary messages in place, with every length checked.

#include <concepts>
#include <cstdint>
#include <string_view>

namespace onceward::relay_core {

/// A place in the write-ahead log.
using lsn = std::uint64_t;

/// Goes over bytes in network order. The first read that passes the end fails, and so does
/// everything after it: a caller reads all fields and then asks once.
class wire_reader {
public:
    explicit wire_reader(std::string_view bytes) : left_(bytes), size_(bytes.size()) {}

    template <std::unsigned_integral T>
    T number() {
        std::uint64_t n = 0;
        for (const char c : bytes(sizeof(T))) n = n << 8 | static_cast<unsigned char>(c);
        return static_cast<T>(n);
    }

    char character() { return static_cast<char>(number<std::uint8_t>()); }

    std::string_view bytes(std::size_t count) {
        if (count > left_.size()) return fail();
        const auto taken = left_.substr(0, count);
        left_.remove_prefix(count);
        return taken;
    }

    /// Up to a zero byte, which is taken too.
    std::string_view c_string() {
        const auto end = left_.find('\0');
        if (end == std::string_view::npos) return fail();
        const auto taken = bytes(end);
        left_.remove_prefix(1);
        return taken;
    }

    [[nodiscard]] bool failed() const { return failed_; }
    /// Everything was read, and nothing beyond.
    [[nodiscard]] bool complete() const { return !failed_ && left_.empty(); }
    /// The number of bytes read.
    [[nodiscard]] std::size_t at() const { return size_ - left_.size(); }

private:
    std::string_view fail() {
        failed_ = true;
        left_ = left_.substr(left_.size());
        return {};
    }

    std::string_view left_;
    std::size_t size_;
    bool failed_ = false;
};

}  // namespace onceward::relay_core
