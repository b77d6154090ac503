#include "inbox/core/admit.hpp"

#include <algorithm>
#include <cassert>

namespace onceward::inbox_core {

namespace {

decision quarantine(std::string reason) {
    return {admission::quarantine, std::move(reason)};
}

decision repeated(std::int64_t hash, std::int64_t stored_hash) {
    if (hash == stored_hash) return {admission::duplicate, {}};
    return quarantine(
        "its id has taken effect with another payload: the producer used one id for two messages");
}

std::string what_is_wrong_with(const std::optional<std::string>& header) {
    if (!header) return "it has no header 'id', so nobody can say whether it is new";
    if (!message_id::parse(*header)) return "its header 'id' is not a UUID";
    return "its id is not a UUID of version 7, so its age is unknown";
}

}  // namespace

batch_admission::batch_admission(std::span<const identity> messages, id_window window,
                                 std::int64_t next_off)
    : window_(window), next_off_(next_off) {
    std::map<message_id, std::size_t> first_of;
    entries_.reserve(messages.size());
    for (const auto& m : messages) {
        entry e{m, std::nullopt, place::unusable, entries_.size()};
        if (m.id_header) e.id = message_id::parse(*m.id_header);
        if (e.id && e.id->version() == 7) {
            e.where = e.id->time() < window_.horizon ? place::before
                      : std::chrono::floor<std::chrono::days>(e.id->time()) > window_.last_day
                          ? place::ahead
                          : place::inside;
            e.first = first_of.emplace(*e.id, entries_.size()).first->second;
        }
        entries_.push_back(std::move(e));
    }
    for (const auto& [id, index] : first_of) {
        if (entries_[index].where == place::inside) to_insert_.push_back(index);
    }
}

void batch_admission::inserted(std::span<const message_id> ids) {
    inserted_.insert(ids.begin(), ids.end());
}

std::vector<message_id> batch_admission::to_look_up() const {
    std::vector<message_id> ids;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const auto& e = entries_[i];
        if (e.first != i) continue;
        if (e.where == place::before || (e.where == place::inside && !inserted_.contains(*e.id))) {
            ids.push_back(*e.id);
        }
    }
    return ids;
}

void batch_admission::known(const message_id& id, std::int64_t payload_hash) {
    known_.emplace(id, payload_hash);
}

decision batch_admission::of(std::size_t index) const {
    const auto& e = entries_.at(index);
    return e.first == index ? of_first(e) : of_repeat(e);
}

const std::optional<message_id>& batch_admission::id(std::size_t index) const {
    return entries_.at(index).id;
}

decision batch_admission::of_first(const entry& e) const {
    if (e.where == place::unusable) return quarantine(what_is_wrong_with(e.facts.id_header));
    if (e.where == place::ahead) {
        return quarantine(
            "its id is of a day so far ahead that the producer's clock must be wrong");
    }
    if (inserted_.contains(*e.id)) return {admission::apply, {}};
    if (const auto k = known_.find(*e.id); k != known_.end()) {
        return repeated(e.facts.payload_hash, k->second);
    }
    if (e.where == place::inside)
        return quarantine("its id was taken and then gone: a bug of ours");
    if (e.facts.offset < next_off_) return {admission::old_replay, {}};
    return quarantine(
        "its id is older than the window in which ids are remembered, so nobody can say whether "
        "it is new");
}

decision batch_admission::of_repeat(const entry& e) const {
    const auto& first = entries_[e.first];
    const auto of_it = of_first(first);
    if (of_it.what == admission::apply) {
        return repeated(e.facts.payload_hash, first.facts.payload_hash);
    }
    // The first took no effect in this batch: the second stands before the same table.
    return of_first(e);
}

}  // namespace onceward::inbox_core
