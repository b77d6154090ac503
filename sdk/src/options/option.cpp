#include "options/option.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>
#include <span>

#include <fmt/format.h>

namespace onceward::options {

namespace {

struct suffix {
    std::string_view name;
    std::int64_t factor;
};

// Greatest first: a number is written with the greatest that divides it.
constexpr std::array durations{suffix{"h", 3'600'000}, suffix{"m", 60'000}, suffix{"s", 1'000},
                               suffix{"ms", 1}};
constexpr std::array sizes{suffix{"GiB", 1LL << 30}, suffix{"MiB", 1LL << 20},
                           suffix{"KiB", 1LL << 10}, suffix{"B", 1}};

std::span<const suffix> suffixes(kind type) {
    if (type == kind::duration) return durations;
    if (type == kind::bytes) return sizes;
    return {};
}

std::vector<std::string> words(const std::string& joined) {
    std::vector<std::string> found;
    for (std::size_t begin = 0; begin <= joined.size();) {
        const std::size_t end = std::min(joined.find('|', begin), joined.size());
        found.push_back(joined.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

std::string how_to_write(kind type) {
    switch (type) {
        case kind::count:
            return "write a whole number such as 5000";
        case kind::duration:
            return "write a whole number and its unit, such as 250ms, 30s or 5m";
        case kind::bytes:
            return "write a whole number and its unit, such as 64KiB or 16MiB";
        case kind::text:
        case kind::list:
        case kind::choice:
        case kind::properties:
        case kind::sections:
            return "";
    }
    return "";
}

failure refused(const option& o, std::string_view what) {
    return {.next = verdict::rejected,
            .message = fmt::format("{}; allowed: {}", what, allowed(o)),
            .origin = "option:" + o.name};
}

/// The number at the start of `value` times what its suffix stands for.
result<std::int64_t> read_number(const option& o, std::string_view value) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    const auto rest = value.substr(static_cast<std::size_t>(stop - value.data()));
    if (error == std::errc::result_out_of_range) return refused(o, "is out of range");
    if (error != std::errc{}) return refused(o, "is no number: " + how_to_write(o.type));

    const auto units = suffixes(o.type);
    if (units.empty()) {
        if (rest.empty()) return number;
        return refused(o, "is no whole number: " + how_to_write(o.type));
    }
    const auto unit = std::ranges::find(units, rest, &suffix::name);
    if (unit == units.end()) {
        return refused(
            o, (rest.empty() ? "has no unit: " : "has an unknown unit: ") + how_to_write(o.type));
    }
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / unit->factor;
    if (number > limit || number < -limit) return refused(o, "is out of range");
    return number * unit->factor;
}

result<std::int64_t> in_range(const option& o, std::int64_t number) {
    if (number < o.min || number > o.max) return refused(o, "is out of range");
    return number;
}

bool name_is_well_formed(const std::string& name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !name.empty() && std::ranges::all_of(name, fits) && name.front() != '-';
}

}  // namespace

option text(std::string name, std::string placeholder, std::string fallback, std::string effect) {
    return {.name = std::move(name),
            .unit = std::move(placeholder),
            .fallback_text = std::move(fallback),
            .effect = std::move(effect)};
}

option list(std::string name, std::string placeholder, std::string effect) {
    return {.name = std::move(name),
            .type = kind::list,
            .unit = std::move(placeholder),
            .effect = std::move(effect)};
}

option choice(std::string name, std::string words, std::string fallback, std::string effect) {
    return {.name = std::move(name),
            .type = kind::choice,
            .unit = std::move(words),
            .fallback_text = std::move(fallback),
            .effect = std::move(effect)};
}

option properties(std::string name, std::string placeholder, std::string effect) {
    option o = list(std::move(name), std::move(placeholder), std::move(effect));
    o.type = kind::properties;
    return o;
}

option sections(std::string name, std::string placeholder, std::string effect) {
    option o = text(std::move(name), std::move(placeholder), "", std::move(effect));
    o.type = kind::sections;
    return o;
}

option restart_only(option o) {
    o.needs_restart = true;
    return o;
}

option secret(option o) {
    o.holds_secret = true;
    return o;
}

option argument(option o) {
    o.is_argument = true;
    return o;
}

table of_sections(table rows) {
    for (auto& o : rows) o.in_section = true;
    return rows;
}

option count(std::string name, std::string unit, count_range range, std::string effect) {
    return {.name = std::move(name),
            .type = kind::count,
            .unit = std::move(unit),
            .fallback = range.fallback,
            .min = range.min,
            .max = range.max,
            .effect = std::move(effect)};
}

option bytes(std::string name, count_range range, std::string effect) {
    option o = count(std::move(name), "SIZE", range, std::move(effect));
    o.type = kind::bytes;
    return o;
}

option duration(std::string name, duration_range range, std::string effect) {
    option o =
        count(std::move(name), "DURATION",
              {range.fallback.count(), range.min.count(), range.max.count()}, std::move(effect));
    o.type = kind::duration;
    return o;
}

std::string flaw_of(const table& rows) {
    std::set<std::string> names;
    for (const auto& o : rows) {
        if (!name_is_well_formed(o.name)) return o.name + ": no option name";
        if (!names.insert(o.name).second) return o.name + ": stands twice in the table";
        if (o.effect.empty()) return o.name + ": says nothing about its effect";
        if (!is_number(o.type) && o.type != kind::choice) continue;
        const auto checked = parse(o, fallback_of(o));
        if (!checked) return o.name + ": its default " + checked.error().message;
    }
    return "";
}

std::string flag_name(const option& o) {
    return "--" + o.name;
}

std::string environment_name(const option& o) {
    std::string name = "ONCEWARD_" + o.name;
    for (char& c : name) {
        if (c == '-')
            c = '_';
        else if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
}

std::string allowed(const option& o) {
    if (o.type == kind::choice) return fmt::format("{}", fmt::join(words(o.unit), ", "));
    if (!is_number(o.type)) return "any text";
    const std::string range =
        fmt::format("{} to {}", to_text(o.type, o.min), to_text(o.type, o.max));
    return o.type == kind::count && !o.unit.empty() ? range + " " + o.unit : range;
}

result<std::int64_t> parse(const option& o, std::string_view value) {
    if (is_number(o.type)) {
        auto number = read_number(o, value);
        return number ? in_range(o, *number) : number;
    }
    if (o.type == kind::choice) {
        const auto allowed_words = words(o.unit);
        if (std::ranges::find(allowed_words, value) == allowed_words.end()) {
            return refused(o, "is none of the choices");
        }
    }
    return std::int64_t{0};
}

std::string to_text(kind type, std::int64_t number) {
    for (const auto& unit : suffixes(type)) {
        if (number % unit.factor == 0 && (number != 0 || unit.factor == 1)) {
            return fmt::format("{}{}", number / unit.factor, unit.name);
        }
    }
    return std::to_string(number);
}

std::string fallback_of(const option& o) {
    return is_number(o.type) ? to_text(o.type, o.fallback) : o.fallback_text;
}

std::string describe(const option& o) {
    std::string out = o.effect;
    const std::string fallback = fallback_of(o);
    if (is_number(o.type)) {
        out += fmt::format(" Default {}; {}.", fallback, allowed(o));
    } else if (!fallback.empty()) {
        out += fmt::format(" Default {}.", fallback);
    }
    if (o.type == kind::list || o.type == kind::properties) out += " May be repeated.";
    if (o.type == kind::properties) out += fmt::format(" Environment: {}_*.", environment_name(o));
    if (o.type == kind::sections) return out + " Only in the file.";
    if (o.type == kind::list || o.type == kind::properties || o.is_argument) return out;
    return out + fmt::format(" Environment: {}.", environment_name(o));
}

}  // namespace onceward::options
