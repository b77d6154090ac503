#include "inbox_database.hpp"

#include <algorithm>

namespace onceward::sim {

namespace {

constexpr std::int64_t idle_ms_max = 120;

}  // namespace

bool inbox_database::free_lock(std::size_t partition) {
    const auto& holder = locks_[partition];
    return !holder || holder->is != batch_transaction::state::open;
}

std::shared_ptr<batch_transaction> inbox_database::lock(std::size_t partition) {
    if (!free_lock(partition)) return nullptr;
    auto t = std::make_shared<batch_transaction>();
    t->writes.partition = partition;
    t->last_statement_at = env_.now;
    locks_[partition] = t;
    return t;
}

inbox_core::position inbox_database::at(std::size_t partition) const {
    return positions_[partition];
}

void inbox_database::commit(batch_transaction& t) {
    if (t.is != batch_transaction::state::open) return;
    t.is = batch_transaction::state::committed;
    for (const auto& [id, hash] : t.writes.ids) ids_.emplace(id, hash);
    for (const auto& id : t.writes.effects) env_.truth.applied(id);
    for (const auto& id : t.writes.dead) {
        env_.truth.set_aside(id);
        dead_.emplace(id, dead_letter{.partition = t.writes.partition});
    }
    if (const auto& id = t.writes.redriven) {
        env_.truth.applied_late(*id);
        dead_.at(*id).is = decision::settled;
    }
    if (const auto& id = t.writes.dead_again) dead_.at(*id).is = decision::none;
    if (t.writes.progress) progress_[t.writes.partition].push_back(*t.writes.progress);
}

void inbox_database::roll_back(batch_transaction& t) {
    if (t.is == batch_transaction::state::open) t.is = batch_transaction::state::rolled_back;
}

std::optional<inbox_core::position> inbox_database::take(std::size_t partition) {
    if (!free_lock(partition)) return std::nullopt;
    auto& row = positions_[partition];
    for (const auto& p : progress_[partition]) {
        if (p.epoch == row.epoch) row.next_off = std::max(row.next_off, p.next_off);
    }
    ++row.epoch;
    return row;
}

std::optional<std::int64_t> inbox_database::hash_of(const message_id& id) const {
    const auto it = ids_.find(id);
    return it == ids_.end() ? std::nullopt : std::optional(it->second);
}

bool inbox_database::has_progress(std::size_t partition, inbox_core::position p) const {
    const auto& rows = progress_[partition];
    return std::find(rows.begin(), rows.end(), p) != rows.end();
}

std::optional<message_id> inbox_database::to_redrive(std::size_t partition) const {
    for (const auto& [id, d] : dead_) {
        const bool wanted = d.is == decision::redrive ||
                            (d.is == decision::settled && env_.bug == plant::redrive_settled);
        if (d.partition == partition && wanted) return id;
    }
    return std::nullopt;
}

void inbox_database::redrive_one() {
    if (dead_.empty()) return;
    auto it = dead_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(env_.random.below(dead_.size())));
    if (it->second.is == decision::none) it->second.is = decision::redrive;
}

void inbox_database::redrive_all() {
    for (auto& [id, d] : dead_) {
        if (d.is == decision::none) d.is = decision::redrive;
    }
}

void inbox_database::put_back(std::size_t partition, std::int64_t next_off) {
    if (!free_lock(partition)) return;
    auto& row = positions_[partition];
    ++row.epoch;
    row.next_off = std::min(row.next_off, next_off);
    env_.seen.sometimes(seen::position_put_back);
}

void inbox_database::step() {
    for (const auto& t : locks_) {
        if (!t || t->is != batch_transaction::state::open) continue;
        if (t->committing && env_.random.chance(0.1)) {
            env_.random.chance(0.5) ? commit(*t) : roll_back(*t);
        } else if (env_.now - t->last_statement_at >= idle_ms_max) {
            env_.seen.sometimes(seen::idle_transaction_ended);
            roll_back(*t);
        }
    }
}

}  // namespace onceward::sim
