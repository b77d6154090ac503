#pragma once

/// @file
/// Between capture and cursor: what is in flight, and how far everything is acknowledged.

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>

#include "relay/core/event.hpp"

namespace onceward::relay_core {

/// Ask capture for one more piece.
struct read_more {};
/// Produce the events of this piece, in order. It stays valid until all of them are acknowledged.
struct produce {
    std::uint64_t number;
    const piece* what;
};
/// Everything before this position is acknowledged; the newest one is worth storing.
struct advance {
    position to;
    bool has_events;  ///< Events were acknowledged since the last one; otherwise there is no hurry.
};
using command = std::variant<read_more, produce, advance>;

/// Keeps the promise that a position becomes durable only after everything before it is
/// acknowledged.
///
/// Facts come in the order in which they happened; commands go out in the order in which they must
/// be carried out. Bounded: no more is asked for while `in_flight_bytes_max` would be passed.
class pipeline {
public:
    /// @param piece_bytes_max  What one read may bring; a single large event may pass it.
    /// @param beside  What the producer holds for an event in flight besides the event itself.
    pipeline(std::size_t in_flight_bytes_max, std::size_t piece_bytes_max, std::size_t beside)
        : in_flight_bytes_max_(in_flight_bytes_max),
          piece_bytes_max_(piece_bytes_max),
          beside_(beside) {}

    // Facts.
    /// The answer to `read_more`.
    void read(piece p);
    /// So many events of piece `number` are on the broker. Reports may come in any order.
    void acknowledged(std::uint64_t number, std::size_t events);
    /// The piece that has no unacknowledged events left after so many more; null: it has some.
    [[nodiscard]] const piece* completed_by(std::uint64_t number, std::size_t events) const;
    /// Ask for nothing more; what is in flight goes on.
    void drain() { draining_ = true; }

    // Commands.
    std::optional<command> next();

    /// The events of all pieces that are not acknowledged as a whole.
    [[nodiscard]] std::size_t in_flight_events() const;
    [[nodiscard]] std::size_t in_flight_bytes() const { return in_flight_bytes_; }
    /// Nothing is being read or unacknowledged.
    [[nodiscard]] bool idle() const { return pieces_.empty() && !reading_; }

private:
    struct in_flight {
        piece what;
        std::size_t bytes;
        std::size_t unacknowledged;
        bool produced = false;
    };
    void retire_acknowledged();

    std::size_t in_flight_bytes_max_;
    std::size_t piece_bytes_max_;
    std::size_t beside_;
    std::size_t in_flight_bytes_ = 0;
    std::uint64_t first_number_ = 0;  ///< Of the first piece in `pieces_`; they are consecutive.
    std::deque<in_flight> pieces_;
    std::optional<advance> advance_;
    bool reading_ = false;
    bool draining_ = false;
};

}  // namespace onceward::relay_core
