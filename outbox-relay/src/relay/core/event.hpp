#pragma once

/// @file
/// Events on their way through the relay: views into memory that their chunk owns.

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onceward::relay_core {

/// Memory that only grows and is freed at once: a chunk's fields, packed.
class arena {
public:
    std::string_view keep(std::string_view bytes) {
        if (bytes.empty()) return {"", 0};
        if (bytes.size() > left_) grow(bytes.size());
        char* at = end_;
        std::memcpy(at, bytes.data(), bytes.size());
        end_ += bytes.size();
        left_ -= bytes.size();
        return {at, bytes.size()};
    }

private:
    void grow(std::size_t wanted) {
        const std::size_t size = wanted > block_bytes ? wanted : block_bytes;
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
        end_ = blocks_.back().get();
        left_ = size;
    }

    static constexpr std::size_t block_bytes = 256 * 1024;
    std::vector<std::unique_ptr<char[]>> blocks_;
    char* end_ = nullptr;
    std::size_t left_ = 0;
};

/// One row of the outbox.
struct captured_event {
    std::int64_t seq = 0;
    std::int64_t created_ms = 0;  ///< Since 1970, by the database's clock.
    std::array<std::uint8_t, 16> id{};
    std::string_view topic;
    std::string_view type;
    std::optional<std::string_view> key;
    std::optional<std::string_view> payload;
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> headers;  ///< The column's JSON.

    [[nodiscard]] std::size_t bytes() const {
        const auto size = [](const std::optional<std::string_view>& v) {
            return v ? v->size() : 0;
        };
        return sizeof(captured_event) + topic.size() + type.size() + size(key) + size(payload) +
               size(content_type) + size(headers);
    }
};

/// What the outbox knows an event by. A redriven event has its old id and a new sequence number.
struct event_ref {
    std::int64_t seq = 0;
    std::array<std::uint8_t, 16> id{};

    friend auto operator<=>(const event_ref&, const event_ref&) = default;
};

inline event_ref ref_of(const captured_event& e) {
    return {.seq = e.seq, .id = e.id};
}

/// Events that were read together, with the memory they point into.
struct chunk {
    std::vector<captured_event> events;
    std::shared_ptr<arena> memory;
};

/// A place in the outbox: everything before it is acknowledged by Kafka.
///
/// Opaque outside of capture. Without `hi`: everything visible in the snapshot `lo`. With `hi`:
/// also the events of the window (lo, hi] up to the sequence number `done_seq`.
struct position {
    std::string lo;
    std::string hi;  ///< Empty: none.
    std::int64_t done_seq = 0;
    /// Also everything that was committed before this place in the WAL; 0: no such place is known.
    std::uint64_t wal = 0;

    friend bool operator==(const position&, const position&) = default;
};

/// Events in the order in which they must be published, ending at a position.
struct piece {
    std::vector<captured_event> events;
    std::vector<std::shared_ptr<arena>> memory;  ///< What `events` points into.
    std::size_t bytes = 0;
    position end;
};

}  // namespace onceward::relay_core
