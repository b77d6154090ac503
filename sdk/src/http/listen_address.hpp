#pragma once

/// @file
/// Where a server listens.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onceward::http {

struct listen_address {
    std::string host;  ///< A numeric address: 127.0.0.1, ::1, 0.0.0.0.
    std::uint16_t port = 0;

    /// Only programs of this machine can reach it.
    [[nodiscard]] bool is_loopback() const;
    /// As it stands in a URL: "[::1]:8717".
    [[nodiscard]] std::string text() const;
};

/// Reads ADDRESS:PORT; an IPv6 address in brackets, `localhost` for 127.0.0.1. No names: they
/// might mean another machine tomorrow.
/// @return Empty when it is none.
std::optional<listen_address> parse_listen_address(std::string_view text);

}  // namespace onceward::http
