#pragma once

/// @file
/// One client: its request as it comes in, its response as it goes out.

#include <chrono>
#include <cstdint>
#include <string>

#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "http/socket.hpp"

namespace onceward::http {

class connection {
public:
    using clock = std::chrono::steady_clock;
    enum class phase : std::uint8_t {
        asking,     ///< Its request is not whole yet.
        asked,      ///< A handler works on it.
        answering,  ///< The response goes out.
        leaving,    ///< The response is out; what the client still sends is thrown away, so that
                    ///< the kernel does not take the response back with a reset.
        gone,       ///< To be closed.
    };

    connection(descriptor socket, const server_limits& limits);

    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] phase now() const { return phase_; }
    [[nodiscard]] clock::time_point deadline() const { return deadline_; }
    /// What poll() is to wait for; 0: nothing.
    [[nodiscard]] short events() const;

    /// Reads or writes what is possible now.
    /// @return True when this made the request whole or refused: `request()` tells.
    bool proceed();
    [[nodiscard]] const request_reader& request() const { return request_; }

    void wait_for_answer();
    void answer(std::string response);
    /// The deadline has passed.
    void expire();

private:
    bool read_request();
    void throw_away();
    void write_response();

    descriptor socket_;
    const server_limits& limits_;
    request_reader request_;
    phase phase_ = phase::asking;
    clock::time_point deadline_;
    std::string response_;
    std::size_t written_ = 0;
    std::size_t thrown_away_ = 0;
};

}  // namespace onceward::http
