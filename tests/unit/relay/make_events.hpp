#pragma once

/// @file
/// Events for tests of the relay's core.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// What an event without key, payload and headers counts, topic and type empty.
inline constexpr std::size_t bare_bytes = sizeof(captured_event);

inline captured_event make_event(std::int64_t seq, arena& memory, std::size_t payload_bytes = 0) {
    captured_event e;
    e.seq = seq;
    e.payload = memory.keep(std::string(payload_bytes, 'p'));
    return e;
}

inline chunk make_chunk(std::initializer_list<std::int64_t> seqs, std::size_t payload_bytes = 0) {
    chunk c;
    c.memory = std::make_shared<arena>();
    for (const auto seq : seqs) c.events.push_back(make_event(seq, *c.memory, payload_bytes));
    return c;
}

/// The place at which everything is acknowledged that this snapshot sees.
inline position at(const char* lo) {
    return {.lo = lo, .hi = {}, .done_seq = 0};
}

inline piece make_piece(std::initializer_list<std::int64_t> seqs, position end,
                        std::size_t bytes = 0) {
    auto c = make_chunk(seqs);
    piece p;
    p.events = std::move(c.events);
    p.memory.push_back(std::move(c.memory));
    p.bytes = bytes;
    p.end = std::move(end);
    return p;
}

inline std::vector<std::int64_t> seqs_of(const std::vector<captured_event>& events) {
    std::vector<std::int64_t> seqs;
    for (const auto& e : events) seqs.push_back(e.seq);
    return seqs;
}

}  // namespace onceward::relay_core
