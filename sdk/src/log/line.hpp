#pragma once

/// @file
/// A line of the log as values and as text. Pure: the time is handed in.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace onceward::log {

enum class level : std::uint8_t { debug, info, warning, error };

std::string_view to_string(level l);

/// A named value. Names and numbers only: no payload, key, password or personal data.
struct field {
    std::string name;
    std::variant<std::string, std::int64_t, bool> value;
};

struct line {
    std::chrono::sys_time<std::chrono::milliseconds> time;
    level severity = level::info;
    std::string message;
    std::vector<field> fields{};
};

/// For people: `12:00:00.123 INFO  lease taken shard=0 owner="relay 1"`. UTC. One line whatever is
/// in it: control characters are escaped, so that no value can forge a line or steer a terminal.
std::string as_text(const line& l);

/// For machines: one JSON object with `time` (UTC, RFC 3339), `level`, `message` and the fields. A
/// field of one of these names gets `field_` before it. All in ASCII: other characters are escaped,
/// bytes that are not UTF-8 become U+FFFD.
std::string as_json(const line& l);

}  // namespace onceward::log
