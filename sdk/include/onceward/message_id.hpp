#pragma once

/// @file
/// The identity of an event: what consumers deduplicate by, from the service's INSERT to the inbox.

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace onceward {

/// A UUID (RFC 9562). Ids that Onceward makes are version 7: their first 48 bits are the time.
class message_id {
public:
    using bytes = std::array<std::uint8_t, 16>;
    using time_point = std::chrono::sys_time<std::chrono::milliseconds>;

    constexpr message_id() = default;
    constexpr explicit message_id(const bytes& raw) : raw_(raw) {}

    /// Reads the canonical text form, 36 characters, either case.
    /// @return Empty when the text is not a UUID.
    static std::optional<message_id> parse(std::string_view text);

    /// The canonical text form, lower case.
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] constexpr const bytes& raw() const { return raw_; }
    [[nodiscard]] constexpr int version() const { return raw_[6] >> 4; }

    /// When the id was made, in milliseconds since 1970. Means something for version 7 only.
    [[nodiscard]] time_point time() const;

    friend constexpr auto operator<=>(const message_id&, const message_id&) = default;

private:
    bytes raw_{};
};

/// A new UUIDv7 from the system clock; within this process later calls give greater ids.
///
/// @par Thread safety
/// Any thread.
message_id new_message_id();

}  // namespace onceward

template <>
struct std::hash<onceward::message_id> {
    std::size_t operator()(const onceward::message_id& id) const noexcept;
};
