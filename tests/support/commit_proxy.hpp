#pragma once

/// @file
/// A TCP proxy in front of PostgreSQL's Unix socket that cuts a connection in COMMIT, before or
/// after the server has received it.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace onceward::test {

/// Only COMMITs behind a statement that contains `marker` count, so that the cut meets the
/// transaction that it is meant for.
class commit_proxy {
public:
    enum class cut { none, before_the_server_has_it, after_the_server_has_it };

    commit_proxy(std::string server_socket, std::string marker);
    ~commit_proxy();

    void cut_next_commit(cut how) { armed_ = how; }

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] int cuts() const { return cuts_; }

private:
    void accept_all(const std::stop_token& stop);
    void serve(const std::stop_token& stop, int client);
    bool forward(int from, int to, bool& swallow);

    std::string server_socket_;
    std::string marker_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<cut> armed_{cut::none};
    std::atomic<int> cuts_{0};
    std::vector<std::jthread> served_;
    std::jthread accepting_;
};

}  // namespace onceward::test
