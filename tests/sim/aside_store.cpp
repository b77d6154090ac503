#include "aside_store.hpp"

namespace onceward::sim {

using namespace relay_core;

result<exceptions> aside_store::load() {
    return session_.run([&] {
        exceptions found;
        if (env_.bug == plant::no_tombstone) return found;
        for (const auto& d : server_.cursor().dead) {
            found.buried.insert({.seq = d.seq, .id = d.id.raw()});
        }
        return found;
    });
}

result<done> aside_store::bury(const lease& held, const event_ref& event, const std::string&) {
    auto mine = session_.run([&] {
        auto row = server_.cursor();
        if (row.lease_id != held.id || server_.life_lease() != held.id) return false;
        const message_id id(event.id);
        env_.seen.sometimes(seen::event_buried);
        env_.trace("{} buries seq {}", held.id, event.seq);
        row.dead.push_back({.seq = event.seq, .id = id});
        server_.write_cursor(std::move(row));
        env_.truth.buried(id, held.epoch);
        return true;
    });
    if (!mine) return mine.error();
    if (*mine) return done{};
    return failure{.next = verdict::fatal, .message = "the lease is another's", .origin = "fenced"};
}

}  // namespace onceward::sim
