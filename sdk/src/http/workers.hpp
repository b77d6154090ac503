#pragma once

/// @file
/// A few threads and a bounded queue of what they are to do.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace onceward::http {

class workers {
public:
    workers(unsigned threads, std::size_t waiting_max);

    /// Waits for what is running; what still waits is dropped.
    ~workers();
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;

    /// @return False when too much waits already.
    bool add(std::function<void()> job);

private:
    void run(const std::stop_token& stop);

    std::mutex guard_;
    std::condition_variable_any arrived_;
    std::deque<std::function<void()>> jobs_;
    std::size_t waiting_max_;
    std::vector<std::jthread> threads_;
};

}  // namespace onceward::http
