#pragma once

/// @file
/// The service manager's notification socket, as of sd_notify(3).

#include <string>
#include <string_view>

namespace onceward::cli {

/// Sends datagrams; never waits for whoever reads them.
class notify_socket {
public:
    /// @param address  A path, or an abstract name after '@', as in NOTIFY_SOCKET.
    /// @throws std::invalid_argument  It is neither, or too long.
    /// @throws std::system_error      No socket can be made.
    explicit notify_socket(std::string_view address);
    ~notify_socket();
    notify_socket(const notify_socket&) = delete;
    notify_socket& operator=(const notify_socket&) = delete;

    /// @param assignments  Such as "READY=1", one a line.
    /// @return False when nobody has received it: the same may be sent again later.
    [[nodiscard]] bool send(std::string_view assignments) const;

private:
    std::string address_;  ///< Of the socket, with a zero byte instead of '@'.
    int descriptor_;
};

}  // namespace onceward::cli
