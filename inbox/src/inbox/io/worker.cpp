#include "inbox/io/worker.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "inbox/io/take.hpp"

namespace onceward::inbox_io {

namespace {

using clock = std::chrono::steady_clock;
using inbox_core::step;

}  // namespace

worker::worker(std::shared_ptr<environment> env, std::shared_ptr<const store> tables,
               std::shared_ptr<day_keeper> days, const std::string& conninfo)
    : env_(std::move(env)),
      tables_(std::move(tables)),
      days_(std::move(days)),
      session_(conninfo),
      applier_(*env_, *tables_, *days_, session_),
      redriver_(*env_, *tables_, *days_, session_) {}

void worker::start() {
    thread_ = std::thread([self = shared_from_this()] { self->run(); });
}

void worker::add(std::shared_ptr<partition> p) {
    {
        const std::lock_guard lock(mutex_);
        partitions_.push_back(std::move(p));
    }
    wake_->notify();
}

bool worker::remove(const std::shared_ptr<partition>& p, clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    std::erase(partitions_, p);
    return changed_.wait_until(lock, deadline, [&] { return serving_ != p; });
}

void worker::ask_to_stop() {
    stopping_ = true;
    wake_->notify();
}

bool worker::join(clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_until(lock, deadline, [this] { return ended_; })) return false;
    lock.unlock();
    thread_.join();
    return true;
}

void worker::run() {
    while (!stopping_) {
        days_->keep_if_due(session_);
        find_redrives();
        if (!serve_all() && !stopping_) wake_->wait(idle_time());
    }
    session_.drop();
    const std::lock_guard lock(mutex_);
    partitions_.clear();
    ended_ = true;
    changed_.notify_all();
}

bool worker::serve_all() {
    bool worked = false;
    auto all = snapshot();
    if (all.empty()) return false;
    std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(turn_++ % all.size()),
                all.end());
    for (const auto& p : all) {
        if (stopping_ || !claim(p)) continue;
        worked |= serve(*p);
        release();
    }
    return worked;
}

/// Until the first pause ends. Messages end it earlier; the bound is for a signal that gets lost.
clock::duration worker::idle_time() const {
    clock::duration least = std::chrono::milliseconds{200};
    const auto now = clock::now();
    for (const auto& p : snapshot()) {
        if (p->not_before > now) least = std::min(least, p->not_before - now);
    }
    return least;
}

std::vector<std::shared_ptr<partition>> worker::snapshot() const {
    const std::lock_guard lock(mutex_);
    return partitions_;
}

bool worker::claim(const std::shared_ptr<partition>& p) {
    const std::lock_guard lock(mutex_);
    if (std::find(partitions_.begin(), partitions_.end(), p) == partitions_.end()) return false;
    serving_ = p;
    return true;
}

void worker::release() {
    std::shared_ptr<partition> last;  // destroyed outside the lock
    const std::lock_guard lock(mutex_);
    last = std::move(serving_);
    serving_.reset();
    changed_.notify_all();
}

/// @return Whether there was anything to do.
bool worker::serve(partition& p) {
    if (clock::now() < p.not_before) return false;
    switch (p.flow.next()) {
        case step::take:
            return take_again(p);
        case step::apply: {
            if (p.rewind_wanted) return rewind(p);
            const bool redrove = redrive(p);
            return apply(p) || redrove;
        }
        case step::stopped:
        case step::left:
            return false;
    }
    return false;
}

bool worker::take_again(partition& p) {
    if (rd_kafka_assignment_lost(p.kafka) != 0) {
        p.flow.leave();  // The group has given it away; the consumer's thread will hear of it.
        return true;
    }
    const auto now = take_partition(*env_, *tables_, session_, p.kafka, p.at);
    if (!now) {
        env_->log.warning(fmt::format("{}[{}] cannot be taken again yet: {}", p.at.topic,
                                      p.at.partition, now.error().message));
        p.flow.failed_for_now(roll_dice());
        wait_before_next(p);
        return true;
    }
    if (now->at.next_off < p.flow.at().next_off) p.rewind_wanted = true;
    p.flow.took(now->at);
    p.applied_off = now->at.next_off;
    env_->log.info(fmt::format("{}[{}] is ours again, epoch {}, position {}", p.at.topic,
                               p.at.partition, now->at.epoch, now->at.next_off));
    if (!now->problem.empty()) stop_partition(p, now->problem, now->problem);
    return true;
}

bool worker::rewind(partition& p) {
    const auto why_not = p.rewind();
    if (why_not.empty()) return true;
    env_->log.warning(fmt::format("{}[{}] cannot be read again from {}: {}", p.at.topic,
                                  p.at.partition, p.flow.at().next_off, why_not));
    p.rewind_wanted = true;
    p.flow.failed_for_now(roll_dice());
    wait_before_next(p);
    return true;
}

void worker::find_redrives() {
    const auto all = snapshot();
    if (all.empty()) return;
    const auto places = redriver_.look();
    for (const auto& p : all) {
        if (places.contains(p->at)) p->redrive_wanted = true;
    }
}

/// One before each batch, so that many of them do not hold up what is live.
bool worker::redrive(partition& p) {
    if (!p.redrive_wanted || p.flow.in_doubt() || clock::now() < p.redrive_not_before) return false;
    const auto e = redriver_.redrive(p.at, p.flow.at());
    switch (e.how) {
        case ending::kind::committed:
            ++env_->count.redriven;
            p.redrive_retry.succeeded();
            return true;
        case ending::kind::was_there:
            p.redrive_wanted = false;
            return false;
        case ending::kind::for_good:
            p.redrive_retry.succeeded();
            return true;
        case ending::kind::fenced:
            ++env_->count.fenced;
            p.flow.fenced(roll_dice());
            wait_before_next(p);
            return true;
        case ending::kind::for_now:
        case ending::kind::in_doubt:
            ++env_->count.retries;
            p.redrive_not_before = clock::now() + p.redrive_retry.failed(roll_dice());
            return true;
    }
    return false;
}

bool worker::apply(partition& p) {
    p.drop_done();
    p.fill(p.flow.batch_limit());
    if (p.rewind_wanted) return true;
    const auto messages = std::min(p.hand.size(), p.flow.batch_limit());
    if (messages == 0 && !p.flow.in_doubt()) {
        if (p.broken_log.empty()) return false;
        stop_partition(p, p.broken_log, p.broken_log);
        return true;
    }
    std::vector<inbound> batch;
    batch.reserve(messages);
    for (std::size_t i = 0; i < messages; ++i) {
        batch.push_back(std::move(p.hand[i]));
        batch.back().what.attempt = p.flow.attempt();
    }
    const auto end = batch.empty() ? p.flow.at().next_off : batch.back().what.offset + 1;
    const auto e =
        applier_.apply({p.at, p.flow.at(), p.flow.in_doubt(), p.flow.condemned()}, batch);
    for (std::size_t i = 0; i < messages; ++i) p.hand[i] = std::move(batch[i]);
    settle(p, e, messages, end);
    wait_before_next(p);
    return true;
}

void worker::settle(partition& p, const ending& e, std::size_t messages, std::int64_t end) {
    const auto where =
        fmt::format("{}[{}] at {}", p.at.topic, p.at.partition, p.flow.at().next_off);
    switch (e.how) {
        case ending::kind::committed:
            p.flow.committed(e.next_off);
            return applied(p, e.did);
        case ending::kind::was_there:
            env_->log.info(fmt::format("{}: the COMMIT in doubt had succeeded", where));
            p.flow.committed(e.next_off);
            return applied(p, p.in_doubt);
        case ending::kind::fenced:
            ++env_->count.fenced;
            env_->log.warning(fmt::format("{}: epoch {} is not the partition's any more", where,
                                          p.flow.at().epoch));
            return p.flow.fenced(roll_dice());
        case ending::kind::for_now:
            ++env_->count.retries;
            p.flow.failed_for_now(roll_dice());
            return env_->log.warning(fmt::format("{}: rolled back ({}), next try in {} ms", where,
                                                 e.origin, p.flow.pause().count()));
        case ending::kind::in_doubt:
            ++env_->count.retries;
            p.in_doubt = e.did;
            p.flow.commit_unknown(e.next_off, roll_dice());
            return env_->log.warning(
                fmt::format("{}: the connection broke in COMMIT; looking", where));
        case ending::kind::for_good:
            if (messages > 1) ++env_->count.retries;
            p.flow.failed_for_good(messages, end, e.why);
            if (p.flow.next() == step::stopped) return stop_partition(p, e.why.reason, e.origin);
            if (p.flow.condemned()) {
                return env_->log.warning(fmt::format(
                    "{}: the message fails for good ({}), it goes to inbox_dead", where, e.origin));
            }
            return env_->log.warning(fmt::format(
                "{}: {} messages fail together ({}), now one by one", where, messages, e.origin));
    }
}

void worker::stop_partition(partition& p, const std::string& why, const std::string& in_short) {
    p.flow.stop(why);
    env_->log.error(fmt::format(
        "{}[{}] has STOPPED at offset {} and waits for a person; nothing was skipped: {}. "
        "inbox_position has the whole reason; repair it, then start this consumer again.",
        p.at.topic, p.at.partition, p.flow.at().next_off, in_short));
    write_stopped(*env_, *tables_, session_, p.at, p.flow.at().epoch, why);
    ++env_->count.stopped_partitions;
}

void worker::applied(partition& p, const tally& did) {
    count(did);
    p.drop_done();
    p.applied_off = p.flow.at().next_off;
}

void worker::count(const tally& did) {
    env_->count.applied += did.applied;
    env_->count.duplicates += did.duplicates;
    env_->count.quarantined += did.quarantined;
    env_->count.dead_lettered += did.dead_lettered;
}

void worker::wait_before_next(partition& p) {
    p.not_before = clock::now() + p.flow.pause();
}

}  // namespace onceward::inbox_io
