#pragma once

/// @file
/// Finds the one request that a connection may carry, and refuses everything else early. Pure.
///
/// cpp-httplib only ever sees what this has let through, written anew: that version of it bounds
/// neither the number of headers nor chunked, compressed or ranged requests, and takes a body that
/// nobody read for the next request.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace onceward::http {

struct request_limits {
    std::size_t head_bytes = 16U << 10;  ///< Request line and headers.
    std::size_t headers = 64;
    std::size_t target_bytes = 1'024;
    std::size_t body_bytes = 64U << 10;
};

/// Takes a connection's bytes as they come.
class request_reader {
public:
    enum class state : std::uint8_t {
        more,     ///< The request is not complete.
        whole,    ///< It is; what came behind it is ignored.
        refused,  ///< It will never be one that is served; see `status()`.
    };

    explicit request_reader(request_limits limits = {}) : limits_(limits) {}

    state take(std::string_view bytes);

    /// The HTTP status that refuses the request.
    [[nodiscard]] int status() const { return status_; }

    /// The whole request with those of its headers that the endpoints read, for cpp-httplib.
    [[nodiscard]] std::string clean_text() const;

    [[nodiscard]] bool empty() const { return bytes_.empty(); }

private:
    int read_head(std::string_view head);
    int read_request_line(std::string_view line);
    int read_header(std::string_view line);
    int check_headers();
    int check_length();
    state refuse(int status);

    request_limits limits_;
    std::string bytes_;
    std::size_t head_size_ = 0;  ///< With the empty line; 0: not complete.
    std::size_t body_size_ = 0;
    std::string method_;
    std::string target_;
    bool is_http_1_1_ = false;
    std::multimap<std::string, std::string> headers_;  ///< By name in lower case.
    int status_ = 0;
};

}  // namespace onceward::http
