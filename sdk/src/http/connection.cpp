#include "http/connection.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/socket.h>

namespace onceward::http {

namespace {

constexpr std::size_t thrown_away_max = 256U << 10;
constexpr std::chrono::milliseconds to_leave{1'000};

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

connection::connection(descriptor socket, const server_limits& limits)
    : socket_(std::move(socket)),
      limits_(limits),
      request_(limits.request),
      deadline_(clock::now() + limits.to_ask) {}

short connection::events() const {
    switch (phase_) {
        case phase::asking:
        case phase::leaving:
            return POLLIN;
        case phase::answering:
            return POLLOUT;
        case phase::asked:
        case phase::gone:
            return 0;
    }
    return 0;
}

bool connection::proceed() {
    if (phase_ == phase::asking) return read_request();
    if (phase_ == phase::answering) write_response();
    if (phase_ == phase::leaving) throw_away();
    return false;
}

bool connection::read_request() {
    std::array<char, 8'192> bytes;
    const ssize_t n = ::recv(fd(), bytes.data(), bytes.size(), 0);
    if (n < 0 && would_block()) return false;
    if (n <= 0) {
        phase_ = phase::gone;
        return false;
    }
    return request_.take({bytes.data(), static_cast<std::size_t>(n)}) !=
           request_reader::state::more;
}

void connection::throw_away() {
    std::array<char, 8'192> bytes;
    const ssize_t n = ::recv(fd(), bytes.data(), bytes.size(), 0);
    if (n < 0 && would_block()) return;
    if (n > 0) thrown_away_ += static_cast<std::size_t>(n);
    if (n <= 0 || thrown_away_ > thrown_away_max) phase_ = phase::gone;
}

void connection::wait_for_answer() {
    phase_ = phase::asked;
    deadline_ = clock::now() + limits_.to_answer;
}

void connection::answer(std::string response) {
    response_ = std::move(response);
    phase_ = phase::answering;
    deadline_ = clock::now() + limits_.to_take;
    write_response();
}

void connection::write_response() {
    while (written_ < response_.size()) {
        const ssize_t n =
            ::send(fd(), response_.data() + written_, response_.size() - written_, MSG_NOSIGNAL);
        if (n < 0 && would_block()) return;
        if (n <= 0) {
            phase_ = phase::gone;
            return;
        }
        written_ += static_cast<std::size_t>(n);
    }
    ::shutdown(fd(), SHUT_WR);
    phase_ = phase::leaving;
    deadline_ = clock::now() + to_leave;
}

void connection::expire() {
    if (phase_ == phase::asking && !request_.empty()) return answer(short_response(408));
    if (phase_ == phase::asked) return answer(short_response(503));
    phase_ = phase::gone;
}

}  // namespace onceward::http
