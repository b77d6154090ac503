#include "core/idempotency_key.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/sha256.hpp"

namespace onceward {

namespace {

constexpr std::string_view format_mark = "onceward-response-1\n";
constexpr std::size_t caller_bytes_max = 100;

bool printable(char c) {
    return c >= 0x20 && c <= 0x7e;
}

bool letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string_view trimmed(std::string_view s) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
    return s;
}

/// The string that starts at the first quote; what follows it goes into `rest`.
std::optional<std::string> quoted(std::string_view s, std::string_view& rest) {
    std::string out;
    for (std::size_t i = 1; i < s.size(); ++i) {
        if (s[i] == '"') {
            rest = s.substr(i + 1);
            return out;
        }
        if (s[i] == '\\') {
            if (++i == s.size() || (s[i] != '"' && s[i] != '\\')) return std::nullopt;
        } else if (!printable(s[i])) {
            return std::nullopt;
        }
        out += s[i];
    }
    return std::nullopt;
}

bool bare(std::string_view s) {
    constexpr std::string_view more = "-._~+/=:@";
    return std::ranges::all_of(
        s, [&](char c) { return letter_or_digit(c) || more.find(c) != std::string_view::npos; });
}

std::string hex(const sha256::digest& digest) {
    std::string out;
    for (const auto byte : digest) out += fmt::format("{:02x}", byte);
    return out;
}

/// Takes what stands before the next line's end as a number.
std::optional<std::size_t> take_number(std::string_view& from) {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), n);
    const auto digits = static_cast<std::size_t>(end - from.data());
    if (error != std::errc{} || digits == from.size() || *end != '\n') return std::nullopt;
    from.remove_prefix(digits + 1);
    return n;
}

std::optional<std::string> take_text(std::string_view& from) {
    const auto size = take_number(from);
    if (!size || *size > from.size()) return std::nullopt;
    std::string text(from.substr(0, *size));
    from.remove_prefix(*size);
    return text;
}

std::string with_length(std::string_view s) {
    return fmt::format("{}\n{}", s.size(), s);
}

}  // namespace

std::optional<std::string> parse_idempotency_key(std::string_view value) {
    const auto item = trimmed(value);
    const auto fits = [](const std::string& key) {
        return !key.empty() && key.size() <= idempotency_key_bytes_max;
    };
    std::optional<std::string> key;
    std::string_view rest;
    if (item.starts_with('"')) {
        key = quoted(item, rest);
        rest = trimmed(rest);
        if (!rest.empty() && rest.front() != ';') return std::nullopt;
    } else if (bare(item)) {
        key = std::string(item);
    }
    return key && fits(*key) ? key : std::nullopt;
}

std::string idempotency_scope(const std::string& endpoint, const std::string& caller) {
    constexpr std::string_view more = "-._@:/";
    const bool plain =
        caller.size() <= caller_bytes_max && std::ranges::all_of(caller, [&](char c) {
            return letter_or_digit(c) || more.find(c) != std::string_view::npos;
        });
    return endpoint + '|' + (plain ? caller : "sha256=" + hex(sha256{}.add(caller).finish()));
}

std::string fingerprint_of_parts(const std::vector<std::string_view>& parts) {
    sha256 hash;
    for (const auto part : parts) hash.add(with_length(part));
    const auto digest = hash.finish();
    return {digest.begin(), digest.end()};
}

bool settles(int status) {
    return status < 500 && status != 408 && status != 425 && status != 429;
}

std::string encode_response(const stored_response& r) {
    std::string out(format_mark);
    out += fmt::format("{}\n{}\n", r.status, r.headers.size());
    for (const auto& [name, value] : r.headers) out += with_length(name) + with_length(value);
    return out + with_length(r.body);
}

std::optional<stored_response> decode_response(std::string_view bytes) {
    if (!bytes.starts_with(format_mark)) return std::nullopt;
    bytes.remove_prefix(format_mark.size());
    const auto status = take_number(bytes);
    if (!status || *status < 100 || *status > 999) return std::nullopt;
    stored_response r{.status = static_cast<int>(*status), .headers = {}, .body = {}};
    auto left = take_number(bytes);
    if (!left) return std::nullopt;
    for (; *left > 0; --*left) {
        auto name = take_text(bytes);
        auto value = name ? take_text(bytes) : std::nullopt;
        if (!value) return std::nullopt;
        r.headers.emplace_back(*std::move(name), *std::move(value));
    }
    auto body = take_text(bytes);
    if (!body || !bytes.empty()) return std::nullopt;
    r.body = *std::move(body);
    return r;
}

}  // namespace onceward
