#pragma once

/// @file
/// What the inbox's table of ids would know, in memory.

#include <chrono>
#include <cstdint>
#include <map>

#include "inbox/core/admit.hpp"
#include "inbox/io/inbound.hpp"

namespace onceward::testing {

class known_ids {
public:
    explicit known_ids(int window_days) : window_(window_days) {}

    /// Decides on a message that comes alone, at `now`.
    [[nodiscard]] inbox_core::decision judge(const inbox_io::inbound& m,
                                             message_id::time_point now) const;

    /// The message has taken effect, or is kept aside in its place.
    void remember(const inbox_io::inbound& m) { hashes_.emplace(m.what.id, m.payload_hash); }

private:
    std::chrono::days window_;
    std::map<message_id, std::int64_t> hashes_;
};

}  // namespace onceward::testing
