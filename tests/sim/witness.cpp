#include "witness.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::sim {

std::string_view name_of(promise p) {
    switch (p) {
        case promise::complete:
            return "complete";
        case promise::acknowledged:
            return "acknowledged";
        case promise::once:
            return "once";
        case promise::ordered:
            return "ordered";
        case promise::log_ordered:
            return "log ordered";
        case promise::no_phantom:
            return "no phantom";
        case promise::fenced:
            return "fenced";
        case promise::monotone:
            return "monotone";
        case promise::bounded:
            return "bounded";
        case promise::buried:
            return "buried";
        case promise::frugal:
            return "frugal";
        case promise::innocent:
            return "innocent";
        case promise::live:
            return "live";
    }
    return "?";
}

void witness::broken(promise p, std::string what) {
    const bool known = std::any_of(violations_.begin(), violations_.end(),
                                   [&](const violation& v) { return v.broken == p; });
    if (!known) violations_.push_back({p, std::move(what)});
}

std::string witness::describe(const message_id& id) const {
    const auto& f = facts_.at(id);
    return fmt::format("event {} of key {}, version {}", id.to_string(), f.key, f.version);
}

void witness::added(const message_id& id, int key, int version, bool unsendable) {
    facts_[id] = {.key = key, .version = version, .unsendable = unsendable};
}

void witness::buried(const message_id& id, std::int64_t epoch) {
    auto& f = facts_.at(id);
    f.fate = event_history::fate::buried;
    f.buried_in = epoch;
    if (f.key >= 0) keys_[f.key].buried.insert(f.version);
    if (!f.unsendable)
        broken(promise::innocent, describe(id) + " is a dead letter for another's fault");
}

void witness::redriven(const message_id& id) {
    facts_.at(id).fate = event_history::fate::redriven;
}

/// What a failover has dug up is refused and buried again: its successors need not wait for that.
void witness::only_these_are_buried(const std::set<message_id>& dead) {
    for (auto& [key, k] : keys_) k.buried.clear();
    for (auto& [id, f] : facts_) {
        if (f.buried_in == 0 || f.is != event_history::state::committed) continue;
        if (f.key >= 0) keys_[f.key].buried.insert(f.version);
        if (f.fate == event_history::fate::buried && !dead.contains(id)) {
            f.fate = event_history::fate::in_order;
        }
    }
}

void witness::committed(const message_id& id) {
    facts_.at(id).is = event_history::state::committed;
}

void witness::aborted(const message_id& id) {
    facts_.at(id).is = event_history::state::aborted;
}

void witness::lost(const message_id& id, bool by_failover) {
    auto& f = facts_.at(id);
    const bool published = f.appended > 0;
    if (published && by_failover) seen_.sometimes(seen::failover_lost_published);
    if (published && !by_failover) {
        broken(promise::no_phantom, describe(id) + " was published and then lost in a crash");
    }
    // What had not become visible can have been published by nobody.
    const bool excused = by_failover && f.is == event_history::state::committed;
    f.is = excused ? event_history::state::lost_by_failover : event_history::state::lost;
}

void witness::count_prefixes() {
    std::map<int, progress> counted;
    for (const auto& [id, f] : facts_) {
        if (f.is != event_history::state::committed || f.key < 0) continue;
        auto& k = counted[f.key];
        if (f.appended > 0) k.in_log = std::max(k.in_log, f.version);
        if (f.applied > 0 || f.dead) k.applied = std::max(k.applied, f.version);
    }
    for (auto& [key, k] : keys_) {
        k.in_log = counted[key].in_log;
        k.applied = counted[key].applied;
    }
}

void witness::appended(const message_id& id, std::size_t partition) {
    auto& f = facts_.at(id);
    if (f.is == event_history::state::lost_by_failover) {
        ++f.appended;
        return;
    }
    if (f.is != event_history::state::committed) {
        broken(promise::no_phantom, describe(id) + " was published but is not committed");
    }
    if (f.appended++ > 0) {
        seen_.sometimes(seen::repeat_in_log);
        return;
    }
    check_first_occurrence(id, f, partition);
}

void witness::check_first_occurrence(const message_id& id, event_history& f,
                                     std::size_t partition) {
    f.partition = partition;
    if (f.key < 0) return;
    auto& k = keys_[f.key];
    if (k.partition.value_or(partition) != partition) {
        broken(promise::log_ordered, describe(id) + " is in another partition than its key's");
    }
    k.partition = partition;
    if (f.fate == event_history::fate::redriven) return;
    const int next = k.behind(k.in_log);
    if (f.version != next) {
        broken(promise::log_ordered,
               fmt::format("{} is in the log before version {}", describe(id), next));
    }
    k.in_log = next;
}

void witness::produced(std::uint64_t tenure, std::int64_t epoch, const message_id& id,
                       bool passed) {
    ++produced_count_;
    const auto& f = facts_.at(id);
    if (f.fate == event_history::fate::buried && epoch > f.buried_in) {
        broken(promise::buried,
               fmt::format("tenure {} publishes {}, which is a dead letter", tenure, describe(id)));
    }
    if (passed) {
        broken(promise::frugal,
               fmt::format("tenure {} publishes {}, which the cursor had passed when it began",
                           tenure, describe(id)));
    }
    if (!produced_[tenure].insert(id).second) {
        broken(promise::frugal, fmt::format("tenure {} publishes {} twice", tenure, describe(id)));
    }
}

void witness::applied(const message_id& id) {
    auto& f = facts_.at(id);
    if (f.applied++ > 0) {
        broken(promise::once, describe(id) + " took effect twice");
        return;
    }
    if (f.dead) broken(promise::once, describe(id) + " took effect though it was set aside");
    check_order(id, f);
}

void witness::set_aside(const message_id& id) {
    auto& f = facts_.at(id);
    if (!f.refused)
        broken(promise::innocent, describe(id) + " was set aside, and nothing is wrong");
    if (f.dead || f.applied > 0) {
        broken(promise::once, describe(id) + " was set aside after it had been decided on");
        return;
    }
    f.dead = true;
    check_order(id, f);
}

void witness::applied_late(const message_id& id) {
    auto& f = facts_.at(id);
    if (!f.dead) broken(promise::innocent, describe(id) + " was redriven, and was not set aside");
    if (f.applied++ > 0) broken(promise::once, describe(id) + " took effect twice");
}

/// What is set aside has its place in the order too: the next one may come then.
void witness::check_order(const message_id& id, const event_history& f) {
    if (f.is == event_history::state::lost_by_failover || f.key < 0) return;
    if (f.fate == event_history::fate::redriven) return;
    auto& k = keys_[f.key];
    const int next = k.behind(k.applied);
    if (f.version != next) {
        broken(promise::ordered,
               fmt::format("{} took effect before version {}", describe(id), next));
    }
    k.applied = next;
}

/// Whether it has to arrive.
bool witness::expected(const event_history& f) {
    return f.is == event_history::state::committed && f.fate != event_history::fate::buried;
}

std::size_t witness::committed_events() const {
    return static_cast<std::size_t>(std::count_if(facts_.begin(), facts_.end(), [](const auto& x) {
        return x.second.is == event_history::state::committed;
    }));
}

std::size_t witness::missing_in_log() const {
    return static_cast<std::size_t>(std::count_if(facts_.begin(), facts_.end(), [](const auto& x) {
        return expected(x.second) && x.second.appended == 0;
    }));
}

std::size_t witness::missing_effects() const {
    return static_cast<std::size_t>(std::count_if(facts_.begin(), facts_.end(), [](const auto& x) {
        return expected(x.second) && x.second.applied == 0;
    }));
}

void witness::check_complete() {
    for (const auto& [id, f] : facts_) {
        if (!expected(f)) continue;
        if (f.appended == 0) broken(promise::complete, describe(id) + " is not in the log");
        if (f.applied == 0) broken(promise::complete, describe(id) + " never took effect");
    }
}

}  // namespace onceward::sim
