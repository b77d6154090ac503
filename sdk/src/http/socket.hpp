#pragma once

/// @file
/// Descriptors that are closed, and the socket that listens.

#include <utility>

#include <unistd.h>

#include "http/listen_address.hpp"

namespace onceward::http {

class descriptor {
public:
    explicit descriptor(int fd = -1) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    [[nodiscard]] int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_;
};

/// A socket that listens, does not block and shares its port with nobody: a second server on it is
/// refused rather than given every other request.
/// @throws cannot_listen
descriptor listening_socket(const listen_address& at);

std::uint16_t port_of(const descriptor& socket);

}  // namespace onceward::http
