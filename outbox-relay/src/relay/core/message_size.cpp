#include "relay/core/message_size.hpp"

#include <bit>

#include <fmt/format.h>

#include "onceward/message_id.hpp"

namespace onceward::relay_core {

namespace {

constexpr std::size_t batch_header = 61;
constexpr std::size_t attributes_and_deltas = 3;  // of time and offset, both 0 in the first record

/// Of a zigzag varint.
std::size_t varint(std::size_t n) {
    return (static_cast<std::size_t>(std::bit_width(2 * n | 1U)) + 6) / 7;
}

/// A length of -1, which says that there is none, takes a byte.
std::size_t field(std::optional<std::size_t> size) {
    return size ? varint(*size) + *size : 1;
}

}  // namespace

batch_of_one::batch_of_one(std::optional<std::size_t> key, std::optional<std::size_t> payload)
    : fields_(attributes_and_deltas + field(key) + field(payload)) {}

void batch_of_one::add_header(std::size_t name, std::size_t value) {
    ++headers_;
    fields_ += field(name) + field(value);
}

std::size_t batch_of_one::bytes() const {
    const std::size_t record = fields_ + varint(headers_);
    return batch_header + varint(record) + record;
}

/// Headers are never longer on the wire than in the column's JSON; the rest is what the relay adds.
std::size_t bytes_at_most(const captured_event& e) {
    constexpr std::size_t added = 512;
    return e.bytes() + added;
}

failure too_large(const captured_event& e, std::size_t bytes, std::int64_t limit,
                  size_limit whose) {
    const bool of_topic = whose == size_limit::topic;
    return {.next = verdict::rejected,
            .message = fmt::format(
                "event {} of topic {} takes {} bytes on the wire, and {} allows {}; raise that, or "
                "make the event smaller",
                message_id(e.id).to_string(), e.topic, bytes,
                of_topic ? "the topic's max.message.bytes"
                         : "message.max.bytes of the relay's producer (--kafka)",
                limit),
            .origin = of_topic ? "size:topic" : "size:producer"};
}

}  // namespace onceward::relay_core
