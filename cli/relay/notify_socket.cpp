#include "relay/notify_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <system_error>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace onceward::cli {

namespace {

std::string checked(std::string_view address) {
    const bool known = address.starts_with('/') || address.starts_with('@');
    if (!known || address.size() < 2 || address.size() > sizeof(sockaddr_un::sun_path)) {
        throw std::invalid_argument(fmt::format(
            "NOTIFY_SOCKET is '{}', which is neither a path nor an abstract name after '@' of at "
            "most {} bytes; unset it where no service manager listens",
            address, sizeof(sockaddr_un::sun_path)));
    }
    std::string name(address);
    if (name.front() == '@') name.front() = '\0';
    return name;
}

}  // namespace

notify_socket::notify_socket(std::string_view address)
    : address_(checked(address)),
      descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
}

notify_socket::~notify_socket() {
    ::close(descriptor_);
}

bool notify_socket::send(std::string_view assignments) const {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::ranges::copy(address_, to.sun_path);
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    const auto sent = ::sendto(descriptor_, assignments.data(), assignments.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&to), length);
    return sent == static_cast<ssize_t>(assignments.size());
}

}  // namespace onceward::cli
