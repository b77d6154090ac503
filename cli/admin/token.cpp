#include "admin/token.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace onceward::cli {

namespace {

constexpr std::size_t bytes_min = 32;
constexpr std::size_t bytes_max = 1'024;
constexpr const char* how_to_make = "make one with: openssl rand -base64 33";

[[noreturn]] void refuse(const std::string& why) {
    throw std::invalid_argument("admin-token-file: a token " + why);
}

/// Looks at every byte whatever the first ones are.
bool equal(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const volatile auto x = static_cast<unsigned char>(a[i]);
        const volatile auto y = static_cast<unsigned char>(b[i]);
        difference |= static_cast<unsigned>(x ^ y);
    }
    return difference == 0;
}

}  // namespace

admin_token::admin_token(std::string text) : secret_(std::move(text)) {
    if (secret_.size() < bytes_min)
        refuse(fmt::format("has at least {} bytes; {}", bytes_min, how_to_make));
    if (secret_.size() > bytes_max) refuse(fmt::format("has at most {} bytes", bytes_max));
    const bool is_word = std::ranges::all_of(secret_, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_word) refuse(fmt::format("is one printable word; {}", how_to_make));
}

bool admin_token::allows(std::string_view authorization) const {
    constexpr std::string_view scheme = "Bearer ";
    if (!authorization.starts_with(scheme)) return false;
    return equal(authorization.substr(scheme.size()), secret_);
}

}  // namespace onceward::cli
