#include "inbox/io/environment.hpp"

#include <cstdio>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

namespace onceward::inbox_io {

namespace {

std::string owner_name() {
    char host[256] = "unknown-host";
    if (gethostname(host, sizeof host - 1) != 0) host[0] = '?';
    return fmt::format("{}:{}:{:08x}", host, getpid(), std::random_device{}());
}

}  // namespace

inbox_counts counters::read() const {
    return {.received = received,
            .applied = applied,
            .duplicates = duplicates,
            .quarantined = quarantined,
            .dead_lettered = dead_lettered,
            .redriven = redriven,
            .retries = retries,
            .fenced = fenced,
            .stopped_partitions = stopped_partitions,
            .handler = handler.read(),
            .batch = batch.read()};
}

void log_sink::mute(bool silent) {
    const std::lock_guard lock(one_at_a_time_);
    muted_ = silent;
}

void log_sink::write(level severity, std::string message) {
    const std::lock_guard lock(one_at_a_time_);
    if (muted_) return;
    if (sink_) return sink_({severity, std::move(message)});
    if (severity < level::warning) return;
    fmt::print(stderr, "onceward inbox: {}\n", message);
}

environment::environment(inbox_options o) : options(std::move(o)), owner(owner_name()) {}

double roll_dice() {
    thread_local std::mt19937_64 dice{std::random_device{}()};
    return std::uniform_real_distribution<>{}(dice);
}

}  // namespace onceward::inbox_io
