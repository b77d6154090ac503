#pragma once

/// @file
/// How large an event is on the wire, and what follows where a topic takes less.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "onceward/result.hpp"
#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// The bytes of a record batch that holds one message and nothing else, uncompressed. This is what
/// a broker compares with the topic's max.message.bytes.
class batch_of_one {
public:
    batch_of_one(std::optional<std::size_t> key, std::optional<std::size_t> payload);

    void add_header(std::size_t name, std::size_t value);

    [[nodiscard]] std::size_t bytes() const;

private:
    std::size_t fields_ = 0;
    std::size_t headers_ = 0;
};

/// No more than this, and cheap to know: an event for which it fits need not be measured.
std::size_t bytes_at_most(const captured_event& e);

/// Whose limit an event has passed.
enum class size_limit : std::uint8_t {
    topic,     ///< max.message.bytes of the topic.
    producer,  ///< message.max.bytes of the relay's own producer.
};

/// Why an event can never be published as it is, with both numbers and what to change.
failure too_large(const captured_event& e, std::size_t bytes, std::int64_t limit, size_limit whose);

}  // namespace onceward::relay_core
