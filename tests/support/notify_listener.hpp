#pragma once

/// @file
/// Stands in for a service manager: a socket for NOTIFY_SOCKET, and what was sent to it.

#include <string>

#include "support/temp_directory.hpp"

namespace onceward::test {

class notify_listener {
public:
    enum class kind : std::uint8_t { path, abstract };

    explicit notify_listener(kind k = kind::path);
    ~notify_listener();
    notify_listener(const notify_listener&) = delete;
    notify_listener& operator=(const notify_listener&) = delete;

    /// What NOTIFY_SOCKET has to be.
    [[nodiscard]] const std::string& address() const { return address_; }

    /// All assignments received so far, one a line; never waits.
    [[nodiscard]] const std::string& received();

    /// Whether a whole line of `received` is `assignment`.
    [[nodiscard]] bool has(const std::string& assignment);

private:
    temp_directory directory_;
    std::string address_;
    int descriptor_;
    std::string received_ = "\n";
};

}  // namespace onceward::test
