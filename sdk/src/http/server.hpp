#pragma once

/// @file
/// A small HTTP server for machines that look after a process: hardened, bounded in everything.
///
/// One thread does all that has to do with clients and waits for none of them: it takes a request
/// in, however slowly it comes, and gives a response out. Workers only see whole requests. So a
/// client that is slow costs a descriptor and a few kB for a few seconds, and nobody else anything.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/listen_address.hpp"
#include "http/request_reader.hpp"
#include "http/router.hpp"

namespace onceward::http {

struct server_limits {
    request_limits request{};
    std::size_t connections = 256;  ///< One more: the oldest that has sent no whole request goes.
    std::size_t waiting = 64;       ///< Whole requests that wait for a worker; one more: 503.
    unsigned workers = 4;
    std::chrono::milliseconds to_ask{5'000};     ///< From accept to the request's last byte.
    std::chrono::milliseconds to_answer{5'000};  ///< For the handler; then 503.
    std::chrono::milliseconds to_take{5'000};    ///< For the client to read the response.
};

struct server_counts {
    std::uint64_t answered = 0;  ///< Requests that reached a handler or a missing route.
    std::uint64_t refused = 0;   ///< Malformed, too large, or too many at once.
    std::uint64_t cut = 0;       ///< Connections that were too slow or had to make room.
    std::size_t open = 0;        ///< Connections now.
};

/// The address cannot be listened on.
class cannot_listen : public std::runtime_error {
public:
    cannot_listen(bool taken, const std::string& why) : std::runtime_error(why), taken_(taken) {}
    /// Another program has it, so a later try may succeed.
    [[nodiscard]] bool is_taken() const { return taken_; }

private:
    bool taken_;
};

class server {
public:
    /// Listens from now on.
    /// @param failed  Told what handlers throw, on their threads.
    /// @throws cannot_listen
    server(const listen_address& at, std::vector<route> routes,
           std::function<void(const std::string&)> failed, server_limits limits = {});

    /// Closes all connections; waits for the handlers that are running.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// The port; the one that the system chose, where 0 was asked for.
    [[nodiscard]] std::uint16_t port() const;

    /// @par Thread safety
    /// Any thread.
    [[nodiscard]] server_counts counts() const;

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward::http
