#include "relay/io/binary_rows.hpp"

#include "relay/core/pg_values.hpp"

namespace onceward::relay_core {

namespace {

/// Copies a row's fields into the chunk's memory.
captured_event to_event(std::span<const pg::binary_field> f, arena& memory) {
    const auto optional = [&](const pg::binary_field& x) -> std::optional<std::string_view> {
        if (x.data == nullptr) return std::nullopt;
        return memory.keep(text_of(x));
    };
    captured_event e;
    e.seq = static_cast<std::int64_t>(number_of(text_of(f[0])));
    e.created_ms = unix_ms(text_of(f[1]));
    std::memcpy(e.id.data(), f[2].data, e.id.size());
    e.topic = memory.keep(text_of(f[3]));
    e.type = memory.keep(text_of(f[4]));
    e.key = optional(f[5]);
    e.payload = optional(f[6]);
    e.content_type = optional(f[7]);
    e.headers = optional(f[8]);
    return e;
}

}  // namespace

bounded_chunk::bounded_chunk(std::size_t events_max, std::size_t bytes_max)
    : events_max_(events_max), bytes_max_(bytes_max) {
    chunk_.memory = std::make_shared<arena>();
}

bool bounded_chunk::take(std::span<const pg::binary_field> fields) {
    chunk_.events.push_back(to_event(fields, *chunk_.memory));
    bytes_ += chunk_.events.back().bytes();
    return bytes_ < bytes_max_;
}

}  // namespace onceward::relay_core
