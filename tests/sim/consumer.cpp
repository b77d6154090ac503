#include "consumer.hpp"

#include <algorithm>

#include "inbox/core/digest.hpp"
#include "inbox/core/resume.hpp"

namespace onceward::sim {

using namespace inbox_core;

namespace {

using std::chrono::milliseconds;

constexpr std::int64_t start_ms_max = 60;

flow_limits limits_of(const swarm& s) {
    return {.batch_max = s.batch_max,
            .retry_min = milliseconds{3},
            .retry_max = milliseconds{40},
            .take_pause = milliseconds{20},
            .isolate_after = 2,
            .dead_letter = s.dead_letter};
}

/// All ids of a run lie within the window: its edges have tests of their own.
id_window whole_window() {
    using std::chrono::days;
    return {.horizon = message_id::time_point{milliseconds{1'600'000'000'000}},
            .last_day = std::chrono::sys_days{days{30'000}}};
}

std::string_view name_of(batch_ending how) {
    switch (how) {
        case batch_ending::committed:
            return "committed";
        case batch_ending::was_there:
            return "was there";
        case batch_ending::fenced:
            return "fenced";
        case batch_ending::for_now:
            return "failed for now";
        case batch_ending::for_good:
            return "failed for good";
        case batch_ending::in_doubt:
            return "in doubt";
    }
    return "?";
}

std::vector<identity> identities(std::span<const log_record> batch, std::int64_t first) {
    std::vector<identity> facts;
    for (const auto& m : batch) {
        facts.push_back({.offset = first + static_cast<std::int64_t>(facts.size()),
                         .id_header = m.id.to_string(),
                         .payload_hash = payload_hash(m.payload)});
    }
    return facts;
}

}  // namespace

void consumer::step() {
    if (busy_) return;
    if (process_.killed) return start_again();
    if (env_.now < paused_until_ || env_.now < wait_until_) return;
    busy_ = true;
    try {
        if (env_.random.chance(0.2)) follow_assignment();
        if (!partitions_.empty()) {
            auto it = partitions_.begin();
            std::advance(it, static_cast<std::ptrdiff_t>(env_.random.below(partitions_.size())));
            serve(it->first);
        }
    } catch (const process_killed&) {
        // What it had in hand is gone; the server ends the transaction in its own time.
    }
    busy_ = false;
}

void consumer::start_again() {
    env_.seen.sometimes(seen::consumer_killed);
    process_ = {};
    partitions_.clear();
    paused_until_ = 0;
    wait_until_ = env_.now + env_.random.between(1, start_ms_max);
}

void consumer::restart_if_stopped() {
    const bool stopped = std::any_of(partitions_.begin(), partitions_.end(), [](const auto& p) {
        return p.second.flow.next() == step::stopped;
    });
    if (stopped) kill();
}

void consumer::let_others_go_on() {
    if (env_.random.chance(env_.faults.pause_consumer)) {
        const std::int64_t length = env_.random.between(1, 400);
        pause(length);
        env_.stand_still(length);
    }
    env_.interleave();
    if (process_.killed) throw process_killed{};
}

bool consumer::statement(batch_transaction& t) {
    let_others_go_on();
    if (t.is != batch_transaction::state::open) return false;
    t.last_statement_at = env_.now;
    return true;
}

void consumer::follow_assignment() {
    std::erase_if(partitions_, [&](const auto& p) {
        return group_[p.first] != number_ || p.second.flow.next() == step::left;
    });
    for (std::size_t partition = 0; partition < group_.size(); ++partition) {
        if (group_[partition] != number_ || partitions_.contains(partition)) continue;
        if (const auto at = take(partition)) {
            partitions_.emplace(partition, owned{partition_flow(*at, limits_of(env_.faults))});
        }
    }
}

/// The reply may get lost: then the epoch is raised, and nobody here knows.
std::optional<position> consumer::take(std::size_t partition) {
    let_others_go_on();
    const auto end = static_cast<std::int64_t>(kafka_.log(partition).size());
    auto at = database_.take(partition);
    if (!at || env_.random.chance(env_.faults.lost_reply)) return std::nullopt;
    env_.trace("consumer {} takes partition {}: epoch {}, position {}", number_, partition,
               at->epoch, at->next_off);
    const auto problem = why_not_resume(at->next_off, {.begin = 0, .end = end});
    if (!problem.empty()) env_.truth.broken(promise::live, "a partition cannot go on: " + problem);
    return at;
}

void consumer::serve(std::size_t partition) {
    auto& p = partitions_.at(partition);
    if (env_.now < p.not_before) return;
    switch (p.flow.next()) {
        case step::take:
            return take_again(partition, p);
        case step::apply:
            if (env_.random.chance(0.1)) return redrive(partition, p);
            return apply(partition, p);
        case step::stopped:
            return;  // it waits for a person
        case step::left:
            return;
    }
}

void consumer::take_again(std::size_t partition, owned& p) {
    if (group_[partition] != number_) {
        p.flow.leave();
        return;
    }
    if (const auto at = take(partition)) {
        env_.seen.sometimes(seen::consumer_took_again);
        p.flow.took(*at);
        if (p.flow.at() != *at) {
            env_.truth.broken(promise::live, "a taken partition does not begin at its position");
        }
    } else {
        p.flow.failed_for_now(env_.random.fraction());
        p.not_before = env_.now + p.flow.pause().count();
    }
}

void consumer::apply(std::size_t partition, owned& p) {
    const auto& log = kafka_.log(partition);
    const auto first = static_cast<std::size_t>(p.flow.at().next_off);
    const std::size_t there = std::min(log.size() - first, p.flow.batch_limit());
    const std::size_t size = there == 0 ? 0 : 1 + env_.random.below(there);
    if (size == 0 && !p.flow.in_doubt()) return;
    if (p.flow.batch_limit() == 1 && env_.faults.batch_max > 1) {
        env_.seen.sometimes(seen::message_isolated);
    }
    const std::vector<log_record> batch(log.begin() + static_cast<std::ptrdiff_t>(first),
                                        log.begin() + static_cast<std::ptrdiff_t>(first + size));
    const auto e = attempt(partition, p, batch);
    env_.trace("consumer {}: {} messages of partition {} from {} on: {}", number_, size, partition,
               first, name_of(e.how));
    settle(p, e, batch);
    p.not_before = env_.now + p.flow.pause().count();
}

consumer::ending consumer::attempt(std::size_t partition, const owned& p,
                                   std::span<const log_record> batch) {
    const auto from = p.flow.at();
    const std::int64_t next_off = from.next_off + static_cast<std::int64_t>(batch.size());
    if (env_.bug == plant::position_first) {
        const auto early = database_.lock(partition);
        if (early && database_.at(partition).epoch == from.epoch) {
            early->writes.progress = position{from.epoch, next_off};
            database_.commit(*early);
        } else if (early) {
            database_.roll_back(*early);
        }
    }
    let_others_go_on();
    const auto t = database_.lock(partition);
    if (!t) return {.how = batch_ending::for_now};
    if (database_.at(partition).epoch != from.epoch) {
        database_.roll_back(*t);
        return {.how = batch_ending::fenced};
    }
    if (!statement(*t)) return {.how = batch_ending::for_now};
    if (const auto end = p.flow.in_doubt()) {
        if (database_.has_progress(partition, {from.epoch, *end})) {
            database_.roll_back(*t);
            return {.how = batch_ending::was_there, .next_off = *end};
        }
        env_.seen.sometimes(seen::commit_in_doubt_was_not);
    }
    if (const auto failed = run(*t, p, batch)) {
        database_.roll_back(*t);
        return {.how = *failed};
    }
    t->writes.progress = position{from.epoch, next_off};
    return commit(*t, next_off);
}

std::optional<batch_ending> consumer::run(batch_transaction& t, const owned& p,
                                          std::span<const log_record> batch) {
    const auto facts = identities(batch, p.flow.at().next_off);
    batch_admission admit(facts, whole_window(), p.flow.at().next_off);
    if (!statement(t)) return batch_ending::for_now;
    ask_database(t, admit, facts);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto what = admit.of(i).what;
        if (what == admission::duplicate) {
            env_.seen.sometimes(seen::duplicate_dropped);
            if (database_.is_dead(batch[i].id)) env_.seen.sometimes(seen::dead_letter_came_again);
            if (env_.bug == plant::no_dedup) what = admission::apply;
        }
        if (what == admission::quarantine || what == admission::old_replay) {
            env_.truth.broken(promise::complete, "a message was put aside: " + admit.of(i).reason);
        }
        if (what != admission::apply) continue;
        const auto& condemned = p.flow.condemned();
        if (condemned && condemned->offset == facts[i].offset) {
            set_aside(t, batch, i);
            continue;
        }
        if (const auto failed = handle(t, batch[i])) return failed;
    }
    if (!statement(t)) return batch_ending::for_now;
    return std::nullopt;
}

std::optional<batch_ending> consumer::handle(batch_transaction& t, const log_record& m) {
    if (!statement(t) || env_.random.chance(env_.faults.handler_failure)) {
        return batch_ending::for_now;
    }
    if (is_poison(m.id)) {
        env_.truth.refused(m.id);
        return batch_ending::for_good;
    }
    t.writes.effects.push_back(m.id);
    return std::nullopt;
}

void consumer::set_aside(batch_transaction& t, std::span<const log_record> batch, std::size_t i) {
    env_.seen.sometimes(seen::dead_lettered);
    t.writes.dead.push_back(batch[i].id);
    if (env_.bug != plant::forget_dead_id) return;
    std::erase_if(t.writes.ids, [&](const auto& w) { return w.first == batch[i].id; });
}

/// Under the lock on the position: nobody else redrives the partition's dead letters meanwhile.
void consumer::redrive(std::size_t partition, owned& p) {
    if (!database_.to_redrive(partition)) return;
    let_others_go_on();
    const auto t = database_.lock(partition);
    if (!t) return;
    if (database_.at(partition).epoch != p.flow.at().epoch) {
        database_.roll_back(*t);
        return settle(p, {.how = batch_ending::fenced}, {});
    }
    const auto id = database_.to_redrive(partition);
    if (!id || !statement(*t)) return database_.roll_back(*t);
    const bool mended = env_.random.chance(0.5);  // by the person who wants it tried again
    if (is_poison(*id) && !mended) {
        env_.seen.sometimes(seen::redriven_in_vain);
        t->writes.dead_again = *id;
    } else {
        env_.seen.sometimes(seen::redriven);
        t->writes.redriven = *id;
    }
    commit(*t, p.flow.at().next_off);
}

/// The same answer each time, until the fault ends.
bool consumer::is_poison(const message_id& id) const {
    const auto& raw = id.raw();
    return raw[14] * 256 + raw[15] < env_.faults.poison * 65'536;
}

void consumer::ask_database(batch_transaction& t, batch_admission& admit,
                            const std::vector<identity>& facts) {
    std::vector<message_id> fresh;
    for (const std::size_t i : admit.to_insert()) {
        const auto id = admit.id(i).value();
        if (database_.hash_of(id)) continue;
        fresh.push_back(id);
        t.writes.ids.emplace_back(id, facts[i].payload_hash);
    }
    admit.inserted(fresh);
    for (const auto& id : admit.to_look_up()) {
        if (const auto hash = database_.hash_of(id)) admit.known(id, *hash);
    }
}

/// In doubt it may have committed, may not have, or may do either while we ask already.
consumer::ending consumer::commit(batch_transaction& t, std::int64_t next_off) {
    if (env_.random.chance(env_.faults.commit_in_doubt)) {
        t.committing = true;
        if (env_.random.chance(0.4)) database_.commit(t);
        return {.how = batch_ending::in_doubt, .next_off = next_off};
    }
    database_.commit(t);
    if (env_.random.chance(env_.faults.kill_consumer)) {
        env_.seen.sometimes(seen::consumer_killed_after_commit);
        process_.killed = true;
        throw process_killed{};
    }
    return {.how = batch_ending::committed, .next_off = next_off};
}

/// A partition stops at the very message that cannot be applied, and skips nothing.
void consumer::check_stop(const owned& p, std::span<const log_record> batch) {
    if (p.flow.next() != step::stopped) return;
    env_.seen.sometimes(seen::stopped_at_poison);
    if (batch.size() != 1 || !is_poison(batch[0].id)) {
        env_.truth.broken(promise::live, "a partition stops where nothing is wrong");
    }
}

void consumer::settle(owned& p, const ending& e, std::span<const log_record> batch) {
    switch (e.how) {
        case batch_ending::committed:
            return p.flow.committed(e.next_off);
        case batch_ending::was_there:
            env_.seen.sometimes(seen::commit_in_doubt_was_there);
            return p.flow.committed(e.next_off);
        case batch_ending::fenced:
            env_.seen.sometimes(seen::consumer_fenced);
            return p.flow.fenced(env_.random.fraction());
        case batch_ending::for_now:
            return p.flow.failed_for_now(env_.random.fraction());
        case batch_ending::for_good: {
            const auto from = p.flow.at().next_off;
            const auto end = from + static_cast<std::int64_t>(batch.size());
            const inbox_core::refusal why{.by = fault::message, .reason = "poison"};
            const bool hasty = env_.bug == plant::blame_the_first && env_.faults.dead_letter;
            p.flow.failed_for_good(hasty ? 1 : batch.size(), hasty ? from + 1 : end, why);
            return check_stop(p, batch);
        }
        case batch_ending::in_doubt:
            return p.flow.commit_unknown(e.next_off, env_.random.fraction());
    }
}

}  // namespace onceward::sim
