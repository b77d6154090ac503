#pragma once

/// @file
/// An option as data: a row says everything about it, and flags, environment, range check and help
/// derive from the row.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/result.hpp"

namespace onceward::options {

enum class kind : std::uint8_t {
    text,        ///< Anything.
    list,        ///< Texts: a flag that may be repeated. Not read from the environment.
    choice,      ///< One of the words in `unit`, which are separated by `|`.
    count,       ///< A whole number of `unit`, written plainly.
    duration,    ///< Milliseconds, written 250ms, 30s, 5m or 1h.
    bytes,       ///< Written 512B, 64KiB, 16MiB or 1GiB.
    properties,  ///< Names and values of another program, see property.hpp.
    sections,    ///< Only in the file: a list of maps, each of which sets rows for a part.
};

/// A row of the table. The flag is `--name`, the key in the file `name`, the environment variable
/// `ONCEWARD_NAME`, upper case and with `_` for `-`. Numbers are counts, milliseconds or bytes by
/// `type`.
struct option {
    std::string name;
    kind type = kind::text;
    std::string unit;  ///< Of a count; the words of a choice; else what help calls the value.
    std::int64_t fallback = 0;    ///< The default of a number.
    std::int64_t min = 0;         ///< Smallest allowed number.
    std::int64_t max = 0;         ///< Greatest allowed number.
    std::string fallback_text{};  ///< The default of a text or choice.
    std::string effect{};         ///< What it does; of a number also what a low and a high one do.
    bool needs_restart = false;   ///< A running process does not change it.
    bool holds_secret = false;    ///< A part of the value may be a password.
    bool is_argument = false;     ///< Belongs to one call: neither in the file nor the environment.
    bool in_section = false;      ///< A section may set it, for its part.
};

using table = std::vector<option>;

option text(std::string name, std::string placeholder, std::string fallback, std::string effect);
option list(std::string name, std::string placeholder, std::string effect);
option choice(std::string name, std::string words, std::string fallback, std::string effect);
option sections(std::string name, std::string placeholder, std::string effect);
option properties(std::string name, std::string placeholder, std::string effect);

struct count_range {
    std::int64_t fallback, min, max;
};
option count(std::string name, std::string unit, count_range range, std::string effect);
option bytes(std::string name, count_range range, std::string effect);

struct duration_range {
    std::chrono::milliseconds fallback, min, max;
};
option duration(std::string name, duration_range range, std::string effect);

/// The same row, for a value that only a restart changes.
option restart_only(option o);
/// The same row, for a value that may hold a password.
option secret(option o);
/// The same row, for a value that belongs to one call.
option argument(option o);
/// The same rows, for values that a section may set.
table of_sections(table rows);

/// Whether the type holds a number, and so has a range.
constexpr bool is_number(kind type) {
    return type == kind::count || type == kind::duration || type == kind::bytes;
}

/// The first row whose default its own check would refuse, or whose name is taken or malformed.
/// @return Empty when the table is sound.
std::string flaw_of(const table& rows);

std::string flag_name(const option& o);         ///< "--piece-events"
std::string environment_name(const option& o);  ///< "ONCEWARD_PIECE_EVENTS"

/// What is allowed, for messages: "100 to 100000 events", "auto, text, json".
std::string allowed(const option& o);

/// Reads and checks a value of `o`.
/// @return The number (0 for texts), or a `rejected` failure that says what is wrong with the
///         value and what is allowed.
result<std::int64_t> parse(const option& o, std::string_view value);

/// A number as a user would write it: "16MiB", "2500ms", "5000".
std::string to_text(kind type, std::int64_t number);

/// The default as a user would write it; empty when there is none.
std::string fallback_of(const option& o);

/// The help's text for the option: its effect, default, range and environment variable.
std::string describe(const option& o);

}  // namespace onceward::options
