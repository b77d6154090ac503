#include "admin/token.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

namespace onceward::cli {

namespace {

constexpr std::size_t bytes_min = 32;
constexpr std::size_t bytes_max = 1'024;
constexpr const char* how_to_make = "make one with: openssl rand -base64 33";

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw std::invalid_argument(fmt::format("admin-token-file {}: {}", path, why));
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) refuse(path, "cannot be read");
    std::string text(bytes_max + 2, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) refuse(path, "cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
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

admin_token admin_token::from_file(const std::string& path) {
    std::string text = content_of(path);
    if (text.size() < bytes_min)
        refuse(path, fmt::format("a token has at least {} bytes; {}", bytes_min, how_to_make));
    if (text.size() > bytes_max)
        refuse(path, fmt::format("a token has at most {} bytes", bytes_max));
    const bool is_word = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!is_word) refuse(path, fmt::format("a token is one printable word; {}", how_to_make));
    return admin_token(std::move(text));
}

bool admin_token::allows(std::string_view authorization) const {
    constexpr std::string_view scheme = "Bearer ";
    if (!authorization.starts_with(scheme)) return false;
    return equal(authorization.substr(scheme.size()), secret_);
}

}  // namespace onceward::cli
