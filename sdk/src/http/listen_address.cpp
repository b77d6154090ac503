#include "http/listen_address.hpp"

#include <charconv>

#include <arpa/inet.h>
#include <fmt/format.h>

namespace onceward::http {

namespace {

bool is_numeric(const std::string& host) {
    in6_addr scratch{};
    return ::inet_pton(AF_INET, host.c_str(), &scratch) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &scratch) == 1;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return port;
}

}  // namespace

bool listen_address::is_loopback() const {
    in_addr four{};
    if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    in6_addr six{};
    return ::inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

std::string listen_address::text() const {
    const bool is_six = host.find(':') != std::string::npos;
    return is_six ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::optional<listen_address> parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
    listen_address a{.host = host == "localhost" ? "127.0.0.1" : std::string(host)};
    const auto port = parse_port(text.substr(colon + 1));
    if (!port || !is_numeric(a.host)) return std::nullopt;
    a.port = *port;
    return a;
}

}  // namespace onceward::http
