#include "tcp_client.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace onceward::test {

tcp_client::tcp_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        throw std::runtime_error("cannot connect to port " + std::to_string(port));
}

tcp_client::~tcp_client() {
    if (fd_ >= 0) ::close(fd_);
}

tcp_client::tcp_client(tcp_client&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

bool tcp_client::send(const std::string& bytes) {
    const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n == static_cast<ssize_t>(bytes.size());
}

std::string tcp_client::read_all(std::chrono::milliseconds bound) {
    const auto deadline = std::chrono::steady_clock::now() + bound;
    std::string all;
    std::array<char, 4'096> bytes{};
    while (std::chrono::steady_clock::now() < deadline) {
        pollfd p{.fd = fd_, .events = POLLIN, .revents = 0};
        if (::poll(&p, 1, 50) <= 0) continue;
        const auto n = ::recv(fd_, bytes.data(), bytes.size(), 0);
        if (n <= 0) break;
        all.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return all;
}

bool tcp_client::closed() {
    char byte = 0;
    return ::recv(fd_, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

std::string ask(std::uint16_t port, const std::string& line) {
    tcp_client c(port);
    c.send(line + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return c.read_all();
}

}  // namespace onceward::test
