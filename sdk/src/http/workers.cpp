#include "http/workers.hpp"

namespace onceward::http {

workers::workers(unsigned threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
    for (unsigned i = 0; i < threads; ++i)
        threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
}

workers::~workers() {
    for (auto& t : threads_) t.request_stop();
    threads_.clear();
}

bool workers::add(std::function<void()> job) {
    {
        const std::lock_guard lock(guard_);
        if (jobs_.size() >= waiting_max_) return false;
        jobs_.push_back(std::move(job));
    }
    arrived_.notify_one();
    return true;
}

void workers::run(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(guard_);
        arrived_.wait(lock, stop, [this] { return !jobs_.empty(); });
        if (stop.stop_requested()) return;
        auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
    }
}

}  // namespace onceward::http
