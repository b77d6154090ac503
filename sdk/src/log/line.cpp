#include "log/line.hpp"

#include <type_traits>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace onceward::log {

namespace {

/// Escapes control characters: C0, DEL, and C1 in its UTF-8 form (0xC2 0x80 to 0xC2 0x9F).
std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
        if (c == '\n') {
            out += "\\n";
        } else if (c < 0x20 || c == 0x7f) {
            out += fmt::format("\\x{:02x}", c);
        } else if (c == 0xc2 && next >= 0x80 && next <= 0x9f) {
            out += fmt::format("\\x{:02x}", next);
            ++i;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string quoted_if_needed(const std::string& value) {
    if (!value.empty() && value.find_first_of(" =\"\\\n\t") == std::string::npos)
        return escaped(value);
    std::string inner;
    for (const char c : value) {
        if (c == '"' || c == '\\') inner += '\\';
        inner += c;
    }
    return '"' + escaped(inner) + '"';
}

std::string value_text(const field& f) {
    return std::visit(
        [](const auto& v) -> std::string {
            if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
                return quoted_if_needed(v);
            } else {
                return fmt::format("{}", v);
            }
        },
        f.value);
}

std::tm utc(std::chrono::sys_time<std::chrono::milliseconds> t) {
    return fmt::gmtime(std::chrono::system_clock::to_time_t(t));
}

int millisecond(std::chrono::sys_time<std::chrono::milliseconds> t) {
    return static_cast<int>(((t.time_since_epoch().count() % 1'000) + 1'000) % 1'000);
}

}  // namespace

std::string_view to_string(level l) {
    switch (l) {
        case level::debug:
            return "debug";
        case level::info:
            return "info";
        case level::warning:
            return "warning";
        case level::error:
            return "error";
    }
    return "";
}

std::string as_text(const line& l) {
    std::string name(to_string(l.severity));
    for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
    std::string out = fmt::format("{:%H:%M:%S}.{:03} {:<7} {}", utc(l.time), millisecond(l.time),
                                  name, escaped(l.message));
    for (const auto& f : l.fields) out += fmt::format(" {}={}", escaped(f.name), value_text(f));
    return out;
}

std::string as_json(const line& l) {
    nlohmann::ordered_json out;
    out["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc(l.time), millisecond(l.time));
    out["level"] = to_string(l.severity);
    out["message"] = l.message;
    for (const auto& f : l.fields) {
        const bool taken = f.name == "time" || f.name == "level" || f.name == "message";
        auto& slot = out[taken ? "field_" + f.name : f.name];
        std::visit([&](const auto& v) { slot = v; }, f.value);
    }
    return out.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace onceward::log
