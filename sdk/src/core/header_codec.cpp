#include "core/header_codec.hpp"

#include <nlohmann/json.hpp>

namespace onceward {

namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string base64_encode(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= n ? base64_digits[group >> (18 - 6 * k) & 0x3f] : '=';
        }
    }
    return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
    while (text.ends_with('=')) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t digit = base64_digits.find(c);
        if (digit == std::string_view::npos) return std::nullopt;
        group = (group << 6 | static_cast<std::uint32_t>(digit)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xff);
        }
    }
    return bytes;
}

bool is_json_text(std::string_view value) {
    // NUL has no place in a jsonb string; the rest must be UTF-8.
    if (value.find('\0') != std::string_view::npos) return false;
    try {
        static_cast<void>(nlohmann::json(value).dump());
        return true;
    } catch (const nlohmann::json::type_error&) {
        return false;
    }
}

std::optional<header> decode_header(const nlohmann::json& pair) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string()) return std::nullopt;
    const auto& value = pair[1];
    if (value.is_string()) return header{pair[0].get<std::string>(), value.get<std::string>()};
    if (!value.is_object() || !value.contains("base64") || !value["base64"].is_string()) {
        return std::nullopt;
    }
    auto bytes = base64_decode(value["base64"].get_ref<const std::string&>());
    if (!bytes) return std::nullopt;
    return header{pair[0].get<std::string>(), std::move(*bytes)};
}

void add_unless_empty(std::vector<header>& to, const char* name, const std::string& value) {
    if (!value.empty()) to.push_back({name, value});
}

}  // namespace

std::string encode_headers(std::span<const header> headers) {
    auto pairs = nlohmann::json::array();
    for (const auto& h : headers) {
        if (is_json_text(h.value)) {
            pairs.push_back({h.name, h.value});
        } else {
            pairs.push_back({h.name, {{"base64", base64_encode(h.value)}}});
        }
    }
    // ASCII only, so that the session's client_encoding has no say in it.
    return pairs.dump(-1, ' ', /*ensure_ascii=*/true);
}

std::optional<std::vector<header>> decode_headers(std::string_view json) {
    const auto pairs = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (!pairs.is_array()) return std::nullopt;
    std::vector<header> headers;
    headers.reserve(pairs.size());
    for (const auto& pair : pairs) {
        auto h = decode_header(pair);
        if (!h) return std::nullopt;
        headers.push_back(std::move(*h));
    }
    return headers;
}

std::vector<header> column_headers(const event& e) {
    std::vector<header> all = e.headers;
    add_unless_empty(all, "traceparent", e.traceparent);
    add_unless_empty(all, "tracestate", e.tracestate);
    add_unless_empty(all, "onceward-correlation-id", e.correlation_id);
    add_unless_empty(all, "onceward-causation-id", e.causation_id);
    return all;
}

}  // namespace onceward
