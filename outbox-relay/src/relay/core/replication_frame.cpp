#include "relay/core/replication_frame.hpp"

#include <charconv>
#include <concepts>

#include <fmt/format.h>

#include "relay/core/pg_values.hpp"

namespace onceward::relay_core {

namespace {

template <std::unsigned_integral T>
void put(std::string& to, T n) {
    for (std::size_t i = sizeof(T); i-- > 0;) to += static_cast<char>(n >> (8 * i) & 0xff);
}

failure no_frame(const char* what, const wire_reader& in) {
    return {.next = verdict::fatal,
            .message = fmt::format("the replication stream holds {} at byte {}: this server speaks "
                                   "another protocol; capture by poll instead",
                                   what, in.at()),
            .origin = "replication_frame"};
}

}  // namespace

result<replication_frame> parse_frame(std::string_view bytes) {
    wire_reader in(bytes);
    switch (in.character()) {
        case 'w': {
            in.bytes(24);  // start, end and clock: a change's own fields say more
            const std::size_t header = in.at();
            const auto payload = in.bytes(bytes.size() - header);
            if (in.failed() || payload.empty()) return no_frame("a change cut short", in);
            return replication_frame(wal_data{payload});
        }
        case 'k': {
            keepalive k;
            k.wal_end = in.number<std::uint64_t>();
            in.bytes(8);  // the server's clock
            const auto reply = in.number<std::uint8_t>();
            k.reply_now = reply == 1;
            if (!in.complete() || reply > 1) return no_frame("a malformed keepalive", in);
            return replication_frame(k);
        }
        default:
            return no_frame("an unknown frame", in);
    }
}

std::string standby_status(lsn taken, lsn flushed, std::int64_t unix_us) {
    std::string out = "r";
    put(out, taken);
    put(out, flushed);
    put(out, flushed);  // applied
    put(out, static_cast<std::uint64_t>(unix_us - year_2000_us));
    put(out, std::uint8_t{0});  // asks for no reply
    return out;
}

std::string to_string(lsn place) {
    return fmt::format("{:X}/{:X}", place >> 32, place & 0xffff'ffff);
}

lsn parse_lsn(std::string_view text) {
    const auto half = [](std::string_view hex, std::uint32_t& n) {
        const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), n, 16);
        return error == std::errc{} && end == hex.data() + hex.size();
    };
    const auto slash = text.find('/');
    std::uint32_t high = 0;
    std::uint32_t low = 0;
    if (slash == std::string_view::npos || !half(text.substr(0, slash), high) ||
        !half(text.substr(slash + 1), low)) {
        return 0;
    }
    return lsn{high} << 32 | low;
}

}  // namespace onceward::relay_core
