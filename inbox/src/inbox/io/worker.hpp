#pragma once

/// @file
/// A thread with a connection, and the partitions that it serves in turn.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "inbox/io/apply.hpp"
#include "inbox/io/day_keeper.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/partition.hpp"
#include "inbox/io/redrive.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "inbox/io/wakeup.hpp"

namespace onceward::inbox_io {

/// Serves whichever of its partitions can go on: one that waits after an error holds no other up.
///
/// The thread shares ownership of all that it uses, so that one which hangs in a handler at
/// shutdown can be left behind.
class worker : public std::enable_shared_from_this<worker> {
public:
    worker(std::shared_ptr<environment> env, std::shared_ptr<const store> tables,
           std::shared_ptr<day_keeper> days, const std::string& conninfo);

    void start();

    void add(std::shared_ptr<partition> p);

    /// Takes a partition away, waiting until its batch in hand has committed or rolled back.
    /// @return False when it has not by `deadline`: the worker does that by itself later.
    bool remove(const std::shared_ptr<partition>& p,
                std::chrono::steady_clock::time_point deadline);

    /// Lets the thread end after the batch in hand.
    void ask_to_stop();

    /// Asks the server to give up the statement that runs now.
    void cancel() { session_.cancel(); }

    /// @return Whether the thread has ended by `deadline`; then it is joined.
    bool join(std::chrono::steady_clock::time_point deadline);

    /// Leaves a thread that does not end to itself.
    void abandon() { thread_.detach(); }

    [[nodiscard]] std::shared_ptr<wakeup> signal() const { return wake_; }

private:
    void run();
    bool serve_all();
    std::chrono::steady_clock::duration idle_time() const;
    std::vector<std::shared_ptr<partition>> snapshot() const;
    bool claim(const std::shared_ptr<partition>& p);
    void release();

    bool serve(partition& p);
    bool take_again(partition& p);
    bool rewind(partition& p);
    void find_redrives();
    bool redrive(partition& p);
    bool apply(partition& p);
    void settle(partition& p, const ending& e, std::size_t messages, std::int64_t end);
    void stop_partition(partition& p, const std::string& why, const std::string& in_short);
    void count(const tally& did);
    void applied(partition& p, const tally& did);
    void wait_before_next(partition& p);

    std::shared_ptr<environment> env_;
    std::shared_ptr<const store> tables_;
    std::shared_ptr<day_keeper> days_;
    std::shared_ptr<wakeup> wake_ = std::make_shared<wakeup>();
    session session_;
    batch_applier applier_;
    redriver redriver_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::shared_ptr<partition>> partitions_;
    std::shared_ptr<partition> serving_;
    bool ended_ = false;

    std::atomic<bool> stopping_{false};
    std::size_t turn_ = 0;
    std::thread thread_;
};

}  // namespace onceward::inbox_io
