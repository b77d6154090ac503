#pragma once

/// @file
/// The event: what a service adds to its outbox, and what limits it keeps.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onceward/message_id.hpp"

namespace onceward {

/// One header. Names may repeat and keep their order; values are bytes.
struct header {
    std::string name;
    std::string value;

    friend bool operator==(const header&, const header&) = default;
};

/// What happened, for other services to hear of.
struct event {
    std::string topic{};                   ///< Kafka topic, `[A-Za-z0-9._-]{1,249}`.
    std::optional<std::string> key{};      ///< One key's events stay in commit order. Null: none.
    std::string type{};                    ///< What happened, for the reader; 1 to 255 bytes.
    std::optional<std::string> payload{};  ///< Bytes; null is a tombstone.
    std::string content_type{};            ///< Empty: no `content-type` header.
    std::vector<header> headers{};         ///< The caller's own; reserved names are refused.
    std::string traceparent{};             ///< W3C trace context; empty: none.
    std::string tracestate{};
    std::string correlation_id{};    ///< Names the conversation; empty: none.
    std::string causation_id{};      ///< Id of the message that caused this one; empty: none.
    std::optional<message_id> id{};  ///< Empty: `add` makes a UUIDv7.
};

inline constexpr std::size_t topic_bytes_max = 249;
inline constexpr std::size_t key_bytes_max = 1024;
inline constexpr std::size_t type_bytes_max = 255;
inline constexpr std::size_t payload_bytes_max = 900'000;
inline constexpr std::size_t headers_max = 64;
inline constexpr std::size_t headers_bytes_max = 16 * 1024;

/// What of `e` breaks a limit, as one sentence that names the limit.
/// @return Empty when `e` may be added.
std::string broken_limit(const event& e);

}  // namespace onceward
