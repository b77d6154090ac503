#include "support/commit_proxy.hpp"

#include <stdexcept>
#include <string_view>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace onceward::test {

namespace {

bool connect_to(int s, const std::string& path) {
    sockaddr_un a{};
    a.sun_family = AF_UNIX;
    if (path.size() >= sizeof a.sun_path) return false;
    path.copy(a.sun_path, path.size());
    return connect(s, reinterpret_cast<sockaddr*>(&a), sizeof a) == 0;
}

int checked(int result, const char* what) {
    if (result < 0) throw std::runtime_error(what);
    return result;
}

bool readable(int socket) {
    pollfd p{socket, POLLIN, 0};
    return poll(&p, 1, 20) > 0;
}

}  // namespace

commit_proxy::commit_proxy(std::string server_socket, std::string marker)
    : server_socket_(std::move(server_socket)), marker_(std::move(marker)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    listener_ = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
    checked(bind(listener_, generic, size), "bind");
    checked(listen(listener_, 16), "listen");
    checked(getsockname(listener_, generic, &size), "getsockname");
    port_ = ntohs(address.sin_port);
    accepting_ = std::jthread([this](const std::stop_token& stop) { accept_all(stop); });
}

commit_proxy::~commit_proxy() {
    accepting_.request_stop();
    accepting_.join();
    served_.clear();
    close(listener_);
}

void commit_proxy::accept_all(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!readable(listener_)) continue;
        const int client = accept(listener_, nullptr, nullptr);
        if (client < 0) continue;
        served_.emplace_back([this, client](const std::stop_token& end) { serve(end, client); });
    }
}

void commit_proxy::serve(const std::stop_token& stop, int client) {
    const int server = socket(AF_UNIX, SOCK_STREAM, 0);
    bool open = connect_to(server, server_socket_);
    bool swallow = false;
    while (open && !stop.stop_requested()) {
        pollfd both[2]{{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (poll(both, 2, 20) <= 0) continue;
        if (both[0].revents != 0) open = forward(client, server, swallow);
        // The server's answer to a COMMIT that is cut after it means: the server has done it.
        if (open && both[1].revents != 0) open = !swallow && forward(server, client, swallow);
    }
    close(server);
    close(client);
}

/// @return False when the connection is at its end, or cut.
bool commit_proxy::forward(int from, int to, bool& swallow) {
    char buffer[65536];
    const auto n = recv(from, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    const std::string_view bytes(buffer, static_cast<std::size_t>(n));
    auto armed = armed_.load();
    static thread_local bool marked = false;
    marked = marked || bytes.find(marker_) != std::string_view::npos;
    if (armed != cut::none && marked &&
        bytes.find(std::string_view("COMMIT\0", 7)) != std::string_view::npos) {
        armed_ = cut::none;
        ++cuts_;
        if (armed == cut::before_the_server_has_it) return false;
        swallow = true;
    }
    return send(to, buffer, bytes.size(), MSG_NOSIGNAL) == n;
}

}  // namespace onceward::test
