#pragma once

/// @file
/// What all threads of one inbox share: options, handlers, counters, log.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "inbox/io/handlers.hpp"
#include "metrics/live_histogram.hpp"
#include "onceward/inbox.hpp"

namespace onceward::inbox_io {

/// inbox_counts, counted by many threads.
struct counters {
    std::atomic<std::uint64_t> received{0};
    std::atomic<std::uint64_t> applied{0};
    std::atomic<std::uint64_t> duplicates{0};
    std::atomic<std::uint64_t> quarantined{0};
    std::atomic<std::uint64_t> dead_lettered{0};
    std::atomic<std::uint64_t> redriven{0};
    std::atomic<std::uint64_t> retries{0};
    std::atomic<std::uint64_t> fenced{0};
    std::atomic<std::uint64_t> stopped_partitions{0};
    metrics::live_histogram handler{metrics::duration_unit};
    metrics::live_histogram batch{metrics::duration_unit};

    [[nodiscard]] inbox_counts read() const;
};

/// The log; any thread. Lines are handed over one at a time.
class log_sink {
public:
    using level = inbox_log_line::level;

    void to(std::function<void(const inbox_log_line&)> sink) { sink_ = std::move(sink); }
    /// Writes nothing any more: a thread that was left behind must not call into an object of the
    /// user's that is gone.
    void mute(bool silent);
    void write(level severity, std::string message);
    void debug(std::string m) { write(level::debug, std::move(m)); }
    void info(std::string m) { write(level::info, std::move(m)); }
    void warning(std::string m) { write(level::warning, std::move(m)); }
    void error(std::string m) { write(level::error, std::move(m)); }

private:
    std::mutex one_at_a_time_;
    std::function<void(const inbox_log_line&)> sink_;
    bool muted_ = false;
};

struct environment {
    explicit environment(inbox_options o);

    inbox_options options;
    std::string owner;  ///< host:pid:random, for people who look at inbox_position.
    handlers handle;
    counters count;
    log_sink log;
};

/// A random number from [0, 1), for jitter. Any thread.
double roll_dice();

}  // namespace onceward::inbox_io
