#include "pg/copy_reader.hpp"

#include <cstdint>

namespace onceward::pg {

namespace {

std::uint32_t big_endian(const char* at, std::size_t bytes) {
    std::uint32_t n = 0;
    for (std::size_t i = 0; i < bytes; ++i) n = n << 8 | static_cast<unsigned char>(at[i]);
    return n;
}

}  // namespace

bool copy_reader::take(std::string_view data, const row_taker& take_row, bool& wanted) {
    if (!header_seen_) {
        // 11 bytes signature, flags, length of the header's extension
        if (data.size() < 19) return false;
        data.remove_prefix(19 + big_endian(data.data() + 15, 4));
        header_seen_ = true;
        if (data.empty()) return true;
    }
    if (data.size() < 2) return false;
    const auto count = static_cast<std::int16_t>(big_endian(data.data(), 2));
    data.remove_prefix(2);
    if (count == -1) return true;  // the trailer
    fields_.clear();
    for (int i = 0; i < count; ++i) {
        if (data.size() < 4) return false;
        const auto size = static_cast<std::int32_t>(big_endian(data.data(), 4));
        data.remove_prefix(4);
        if (size > static_cast<std::int64_t>(data.size())) return false;
        const bool null = size < 0;
        fields_.push_back(
            {null ? nullptr : data.data(), null ? 0 : static_cast<std::size_t>(size)});
        if (!null) data.remove_prefix(static_cast<std::size_t>(size));
    }
    wanted = take_row(fields_);
    return true;
}

}  // namespace onceward::pg
