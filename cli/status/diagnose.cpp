#include "status/diagnose.hpp"

#include <fmt/format.h>

#include "pg/schema_version.hpp"
#include "status/render.hpp"

namespace onceward::cli {

namespace {

/// A consumer makes them a week ahead.
constexpr std::int64_t days_left_min = 2;

std::vector<problem> of_schema(const facts& f) {
    const pg::schema_version found{.version = f.version, .compatible_from = f.compatible_from};
    const auto misfit = pg::misfit(found, f.required_version, f.schema);
    if (!misfit) return {};
    return {{problem_kind::schema_misfit, misfit->what, misfit->remedy}};
}

std::vector<problem> of_shard(const shard_facts& s) {
    if (s.state == "stopped") {
        return {{problem_kind::shard_stopped,
                 fmt::format("shard {} is stopped: {}", s.shard,
                             s.reason.empty() ? "no reason is stored" : s.reason),
                 "remove the reason, then start the relay again; nothing is skipped"}};
    }
    if (s.paused) {
        return {{problem_kind::shard_paused,
                 fmt::format("shard {} is paused since {} by {}: {}", s.shard, s.paused->since,
                             s.paused->by, s.paused->reason),
                 fmt::format("`onceward relay resume --shard {}` when that is over", s.shard)}};
    }
    if (!s.reason.empty()) {
        return {{problem_kind::shard_held_up,
                 fmt::format("shard {} is held up: {}", s.shard, s.reason),
                 "mend that; the relay tries again by itself"}};
    }
    const bool waits = s.pending.counted > 0;
    if (waits && s.lease != lease_state::held) {
        return {{problem_kind::no_relay,
                 fmt::format("{} events of shard {} wait and no relay holds its lease{}",
                             as_text(s.pending), s.shard,
                             s.owner.empty() ? "" : "; the last was " + s.owner),
                 fmt::format("start `onceward relay --shard {}`", s.shard)}};
    }
    if (waits && s.oldest_pending_s > slow_after_s) {
        return {
            {problem_kind::backlog_old,
             fmt::format("the oldest of {} events of shard {} waits for {:.0f} s",
                         as_text(s.pending), s.shard, s.oldest_pending_s),
             fmt::format("look at the log of relay {}: Kafka may be away or too slow", s.owner)}};
    }
    return {};
}

/// Whatever becomes of a slot, no event does: the table has them all.
std::vector<problem> of_slot(const shard_facts& s) {
    using kind = slot_facts::kind;
    if (!s.slot || s.slot->is == kind::read) return {};
    if (s.slot->is == kind::unread) {
        return {{problem_kind::slot_unread,
                 fmt::format("nobody reads the replication slot of shard {}, which keeps {} MiB of "
                             "WAL",
                             s.shard, s.slot->wal_bytes >> 20),
                 "start its relay; or drop the slot with pg_drop_replication_slot: the next relay "
                 "makes a new one and loses nothing"}};
    }
    return {{problem_kind::slot_missing,
             fmt::format("the replication slot of shard {} is {}; its relay reads the table until "
                         "a new one is ready",
                         s.shard, s.slot->is == kind::lost ? "invalidated" : "gone"),
             "nothing is lost; look at the relay's log for what holds up the new slot: a "
             "transaction that stays open, or a missing right"}};
}

std::vector<problem> of_held_topic(const held_topic_facts& t) {
    return {{problem_kind::topic_held,
             fmt::format("{} events of topic {} are held since {}: {}", as_text(t.events), t.topic,
                         t.since, t.reason),
             "mend that; they are published before newer ones of the topic, by themselves"}};
}

std::vector<problem> of_partition(const partition_facts& p) {
    if (p.state != "stopped") return {};
    return {
        {problem_kind::partition_stopped,
         fmt::format("consumer {} stopped at {} [{}] offset {}: {}", p.consumer, p.topic,
                     p.partition, p.next_offset,
                     p.reason.empty() ? "no reason is stored" : p.reason),
         "mend the handler or the data, then restart the consumer; it tries that message again"}};
}

std::vector<problem> of_dead_letters(const facts& f) {
    std::vector<problem> found;
    if (f.outbox_dead && f.outbox_dead->counted > 0) {
        found.push_back(
            {problem_kind::outbox_dead_letters,
             fmt::format("{} events were refused by Kafka for good", as_text(*f.outbox_dead)),
             "see `onceward dead list`; mend what is wrong, then redrive or discard them"});
    }
    if (f.inbox_dead && f.inbox_dead->counted > 0) {
        found.push_back(
            {problem_kind::inbox_dead_letters,
             fmt::format("{} messages were kept aside unapplied", as_text(*f.inbox_dead)),
             "`onceward inbox dead list` shows them; redrive or discard each"});
    }
    return found;
}

std::vector<problem> of_disk(const disk_facts& d) {
    if (d.outbox_bytes <= d.limit_bytes) return {};
    return {{problem_kind::outbox_too_large,
             fmt::format("the outbox takes {} MiB on disk, more than its limit of {} MiB",
                         d.outbox_bytes >> 20, d.limit_bytes >> 20),
             "what is not published stays whatever it takes: look for a shard that does not move "
             "and for transactions that have been open for long; or raise the limit by "
             "outbox_disk_limit, or keep less by outbox_retain"}};
}

std::vector<problem> of_days(const facts& f) {
    if (f.inbox_days_left.value_or(days_left_min) >= days_left_min) return {};
    return {{problem_kind::inbox_days_short,
             fmt::format("the inbox has day partitions for {} days after today; without "
                         "tomorrow's nothing is applied",
                         *f.inbox_days_left),
             "run `onceward inbox maintain` as the schema's owner; the consumers' log says why "
             "they could not make more"}};
}

void append(std::vector<problem>& all, std::vector<problem> more) {
    for (auto& p : more) all.push_back(std::move(p));
}

}  // namespace

std::vector<problem> unready(const facts& f) {
    std::vector<problem> all = of_schema(f);
    for (const auto& s : f.shards) {
        if (s.state == "stopped") {
            append(all, of_shard(s));
        } else if (s.lease != lease_state::held) {
            all.push_back({problem_kind::no_relay,
                           fmt::format("no relay holds the lease of shard {}", s.shard),
                           fmt::format("start `onceward relay --shard {}`", s.shard)});
        }
    }
    return all;
}

std::vector<problem> diagnose(const facts& f) {
    std::vector<problem> all = of_schema(f);
    for (const auto& s : f.shards) append(all, of_shard(s));
    for (const auto& s : f.shards) append(all, of_slot(s));
    for (const auto& t : f.held_topics) append(all, of_held_topic(t));
    append(all, of_disk(f.disk));
    for (const auto& p : f.partitions) append(all, of_partition(p));
    append(all, of_dead_letters(f));
    append(all, of_days(f));
    return all;
}

}  // namespace onceward::cli
