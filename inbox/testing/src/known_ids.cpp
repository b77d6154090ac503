#include "known_ids.hpp"

#include <vector>

#include "inbox/core/days.hpp"

namespace onceward::testing {

inbox_core::decision known_ids::judge(const inbox_io::inbound& m,
                                      message_id::time_point now) const {
    using std::chrono::days;
    const auto today = std::chrono::floor<days>(now);
    const inbox_core::kept_days kept{.last_day = today + days{7}, .ids_since = {}};
    const inbox_core::identity facts{m.what.offset, m.id_header, m.payload_hash};
    inbox_core::batch_admission admit({&facts, 1}, inbox_core::window_at(now, window_, kept),
                                      m.what.offset);
    std::vector<message_id> fresh;
    for (const auto i : admit.to_insert()) {
        if (!hashes_.contains(*admit.id(i))) fresh.push_back(*admit.id(i));
    }
    admit.inserted(fresh);
    for (const auto& id : admit.to_look_up()) {
        if (const auto k = hashes_.find(id); k != hashes_.end()) admit.known(id, k->second);
    }
    return admit.of(0);
}

}  // namespace onceward::testing
