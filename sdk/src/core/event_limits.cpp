#include <algorithm>

#include <fmt/format.h>

#include "core/header_codec.hpp"
#include "onceward/event.hpp"

namespace onceward {

namespace {

bool is_topic_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_topic(std::string_view name) {
    return !name.empty() && name.size() <= topic_bytes_max && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), is_topic_character);
}

bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x1f && c < 0x7f; });
}

bool is_reserved(std::string_view name) {
    return name == "id" || name == "type" || name == "content-type" || name == "traceparent" ||
           name == "tracestate" || name.starts_with("onceward-");
}

std::string too_long(std::string_view what, std::size_t size, std::size_t max) {
    return fmt::format("the event's {} has {} bytes, at most {} are allowed", what, size, max);
}

std::string broken_header_limit(const event& e) {
    std::size_t bytes = 0;
    for (const auto& h : e.headers) {
        if (h.name.empty() || !is_printable(h.name)) {
            return "a header's name is empty or not printable ASCII";
        }
        if (is_reserved(h.name)) {
            return fmt::format(
                "the header name \"{}\" is reserved; use the event's own field for "
                "it or another name",
                h.name);
        }
        bytes += h.name.size() + h.value.size();
    }
    if (e.headers.size() > headers_max) {
        return fmt::format("the event has {} headers, at most {} are allowed", e.headers.size(),
                           headers_max);
    }
    for (const auto* own : {&e.traceparent, &e.tracestate, &e.correlation_id, &e.causation_id}) {
        if (!is_printable(*own)) {
            return "traceparent, tracestate, correlation_id or causation_id is not printable ASCII";
        }
        bytes += own->size();
    }
    if (bytes > headers_bytes_max) return too_long("headers", bytes, headers_bytes_max);
    return {};
}

}  // namespace

std::string broken_limit(const event& e) {
    if (!is_topic(e.topic)) {
        return fmt::format("the topic must be 1 to {} characters of [A-Za-z0-9._-], not . or ..",
                           topic_bytes_max);
    }
    if (e.key && e.key->size() > key_bytes_max)
        return too_long("key", e.key->size(), key_bytes_max);
    if (e.type.empty()) return "the event's type is empty";
    if (e.type.size() > type_bytes_max) return too_long("type", e.type.size(), type_bytes_max);
    if (!is_printable(e.type)) return "the event's type is not printable ASCII";
    if (e.payload && e.payload->size() > payload_bytes_max) {
        return too_long("payload", e.payload->size(), payload_bytes_max);
    }
    if (e.content_type.size() > type_bytes_max || !is_printable(e.content_type)) {
        return "the content type is longer than 255 bytes or not printable ASCII";
    }
    if (e.id && e.id->version() != 7) {
        return "the event's id is not a UUIDv7; leave it empty to have one made";
    }
    return broken_header_limit(e);
}

}  // namespace onceward
