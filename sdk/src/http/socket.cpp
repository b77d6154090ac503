#include "http/socket.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "http/server.hpp"

namespace onceward::http {

namespace {

constexpr int backlog = 128;

struct address {
    sockaddr_storage storage{};
    socklen_t size = sizeof(sockaddr_storage);
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

address to_address(const listen_address& at) {
    address a;
    auto* const four = reinterpret_cast<sockaddr_in*>(&a.storage);
    if (::inet_pton(AF_INET, at.host.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(at.port);
        a.size = sizeof(sockaddr_in);
        return a;
    }
    auto* const six = reinterpret_cast<sockaddr_in6*>(&a.storage);
    ::inet_pton(AF_INET6, at.host.c_str(), &six->sin6_addr);
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(at.port);
    a.size = sizeof(sockaddr_in6);
    return a;
}

[[noreturn]] void fail(const listen_address& at, int error) {
    const bool taken = error == EADDRINUSE;
    throw cannot_listen(
        taken, taken ? fmt::format("{} is taken by another program", at.text())
                     : fmt::format("cannot listen on {}: {}", at.text(), std::strerror(error)));
}

}  // namespace

descriptor listening_socket(const listen_address& at) {
    address a = to_address(at);
    descriptor s(::socket(a.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!s) fail(at, errno);
    const int yes = 1;  // a restart need not wait for old connections; no SO_REUSEPORT
    if (::setsockopt(s.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
        ::bind(s.get(), a.get(), a.size) != 0 || ::listen(s.get(), backlog) != 0) {
        fail(at, errno);
    }
    return s;
}

std::uint16_t port_of(const descriptor& socket) {
    address a;
    if (::getsockname(socket.get(), a.get(), &a.size) != 0) return 0;
    return ntohs(a.storage.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&a.storage)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&a.storage)->sin_port);
}

}  // namespace onceward::http
