#include "inbox/io/engine.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "inbox/core/retry.hpp"
#include "inbox/io/classify.hpp"
#include "open_transaction.hpp"

namespace onceward::inbox_io {

namespace {

using clock = std::chrono::steady_clock;

}  // namespace

engine::engine(std::shared_ptr<environment> env)
    : env_(std::move(env)),
      tables_(std::make_shared<const store>(env_->options)),
      days_(std::make_shared<day_keeper>(*env_, *tables_)),
      conninfo_(bounded_conninfo(env_->options.database, env_->options.consumer)),
      control_(conninfo_) {}

void engine::run(std::stop_token stop) {
    env_->log.mute(false);
    wait_for_database(stop);
    start_workers();
    try {
        consume(stop);
    } catch (...) {
        leave(clock::now());
        throw;
    }
    leave(clock::now());
}

/// Within the stop timeout; what has not ended by then is left behind.
void engine::leave(clock::time_point begun) {
    const auto bound = env_->options.stop_timeout;
    const bool workers_ended = stop_workers(begun + bound * 7 / 10);
    const bool consumer_ended = !consumer_ || consumer_->close(begun + bound);
    consumer_.reset();
    if (workers_ended && consumer_ended) return;
    env_->log.warning(fmt::format("{} did not end in time and is left behind; end the process.",
                                  workers_ended ? "The Kafka client" : "A handler"));
    env_->log.mute(true);
}

/// A database that cannot be reached will come back; one that lacks our tables will not.
void engine::wait_for_database(const std::stop_token& stop) {
    inbox_core::retry retry(env_->options.retry_min, env_->options.retry_max);
    while (!stop.stop_requested()) {
        try {
            return check_database();
        } catch (const std::runtime_error&) {
            const auto why = classify(std::current_exception());
            if (why.next != verdict::transient) throw std::runtime_error(why.message);
            control_.drop();
            const auto wait = retry.failed(roll_dice());
            env_->log.warning(
                fmt::format("The database cannot be reached yet ({}), next try in {} ms",
                            why.origin, wait.count()));
            pause(stop, wait);
        }
    }
}

void engine::check_database() {
    open_transaction transaction(control_.get());
    auto& tx = transaction.tx();
    tables_->settings(tx);
    const auto missing = tables_->missing(tx);
    if (!missing.empty()) {
        throw permanent_error(fmt::format("The inbox cannot start: {}.", fmt::join(missing, "; ")));
    }
    days_->learn(tx);
    transaction.commit();
}

void engine::consume(const std::stop_token& stop) {
    inbox_core::retry retry(env_->options.retry_min, env_->options.retry_max);
    while (!stop.stop_requested()) {
        auto made = consumer::make(env_, tables_, workers_, control_);
        if (!made) throw std::runtime_error(made.error().message);
        consumer_ = std::move(*made);
        const auto began = clock::now();
        const auto why = consumer_->run(stop);
        if (why.empty()) return;
        if (clock::now() - began > std::chrono::minutes{1}) retry.succeeded();
        const auto wait = retry.failed(roll_dice());
        env_->log.error(
            fmt::format("The Kafka client is made anew in {} ms: {}", wait.count(), why));
        consumer_->close(clock::now() + env_->options.stop_timeout);
        consumer_.reset();
        pause(stop, wait);
    }
}

void engine::start_workers() {
    for (std::size_t i = 0; i < env_->options.workers; ++i) {
        workers_.push_back(std::make_shared<worker>(env_, tables_, days_, conninfo_));
        workers_.back()->start();
    }
}

/// First they may finish what they have in hand; then their statements are cancelled; a handler
/// that hangs elsewhere is left behind.
bool engine::stop_workers(clock::time_point deadline) {
    bool all = true;
    for (const auto& w : workers_) w->ask_to_stop();
    const auto patience = clock::now() + (deadline - clock::now()) * 2 / 3;
    for (const auto& w : workers_) {
        if (w->join(patience)) continue;
        w->cancel();
        if (w->join(deadline)) continue;
        w->abandon();
        all = false;
    }
    workers_.clear();
    return all;
}

void engine::pause(const std::stop_token& stop, std::chrono::milliseconds bound) const {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, bound, [] { return false; });
}

}  // namespace onceward::inbox_io
