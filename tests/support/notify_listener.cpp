#include "support/notify_listener.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace onceward::test {

notify_listener::notify_listener(kind k)
    : address_((k == kind::abstract ? "@onceward-test-" : "") +
               (directory_.path() / "notify").string()),
      descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::ranges::copy(address_, name.sun_path);
    if (k == kind::abstract) name.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&name), length) != 0) {
        throw std::system_error(errno, std::generic_category(), "bind " + address_);
    }
}

notify_listener::~notify_listener() {
    ::close(descriptor_);
}

const std::string& notify_listener::received() {
    std::array<char, 4096> datagram{};
    for (;;) {
        const auto n = ::recv(descriptor_, datagram.data(), datagram.size(), 0);
        if (n <= 0) return received_;
        received_.append(datagram.data(), static_cast<std::size_t>(n));
        if (received_.back() != '\n') received_ += '\n';
    }
}

bool notify_listener::has(const std::string& assignment) {
    return received().find("\n" + assignment + "\n") != std::string::npos;
}

}  // namespace onceward::test
