#pragma once

/// @file
/// A client that can misbehave: raw bytes over TCP.

#include <chrono>
#include <cstdint>
#include <string>

namespace onceward::test {

class tcp_client {
public:
    /// Connects to 127.0.0.1. @throws std::runtime_error
    explicit tcp_client(std::uint16_t port);
    ~tcp_client();
    tcp_client(tcp_client&& other) noexcept;
    tcp_client(const tcp_client&) = delete;
    tcp_client& operator=(const tcp_client&) = delete;

    /// @return False when the server has closed.
    bool send(const std::string& bytes);

    /// All that comes until the server closes, or until `bound` has passed.
    std::string read_all(std::chrono::milliseconds bound = std::chrono::seconds{20});

    /// Whether the server has closed; does not wait.
    bool closed();

private:
    int fd_;
};

/// The response to one well-behaved request; empty when none came.
std::string ask(std::uint16_t port, const std::string& line);

}  // namespace onceward::test
