#pragma once

/// @file
/// Wakes a worker that has nothing to do.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace onceward::inbox_io {

/// A signal that is not lost when nobody waits. librdkafka calls `notify` with its queue locked, so
/// nothing here may call into librdkafka.
class wakeup {
public:
    void notify() {
        {
            const std::lock_guard lock(mutex_);
            signalled_ = true;
        }
        changed_.notify_one();
    }

    /// Returns at the next signal, at once if there was one since the last wait, or after `bound`.
    void wait(std::chrono::steady_clock::duration bound) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, bound, [this] { return signalled_; });
        signalled_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool signalled_ = false;
};

}  // namespace onceward::inbox_io
