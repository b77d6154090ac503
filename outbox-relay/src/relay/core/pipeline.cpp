#include "relay/core/pipeline.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace onceward::relay_core {

void pipeline::read(piece p) {
    assert(reading_ && "a piece was read that nobody asked for");
    reading_ = false;
    const std::size_t events = p.events.size();
    const std::size_t bytes = p.bytes + events * beside_;
    in_flight_bytes_ += bytes;
    pieces_.push_back({.what = std::move(p), .bytes = bytes, .unacknowledged = events});
    retire_acknowledged();
}

void pipeline::acknowledged(std::uint64_t number, std::size_t events) {
    assert(number >= first_number_ && number - first_number_ < pieces_.size());
    auto& p = pieces_[number - first_number_];
    assert(events <= p.unacknowledged && "more events were acknowledged than produced");
    p.unacknowledged -= events;
    retire_acknowledged();
}

const piece* pipeline::completed_by(std::uint64_t number, std::size_t events) const {
    assert(number >= first_number_ && number - first_number_ < pieces_.size());
    const auto& p = pieces_[number - first_number_];
    return p.unacknowledged == events ? &p.what : nullptr;
}

void pipeline::retire_acknowledged() {
    while (!pieces_.empty() && pieces_.front().unacknowledged == 0) {
        in_flight_bytes_ -= pieces_.front().bytes;
        auto& p = pieces_.front().what;
        const bool had_events = !p.events.empty() || (advance_ && advance_->has_events);
        advance_ = advance{.to = std::move(p.end), .has_events = had_events};
        pieces_.pop_front();
        ++first_number_;
    }
}

std::size_t pipeline::in_flight_events() const {
    std::size_t events = 0;
    for (const auto& p : pieces_) events += p.what.events.size();
    return events;
}

std::optional<command> pipeline::next() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
        if (std::exchange(pieces_[i].produced, true)) continue;
        return produce{.number = first_number_ + i, .what = &pieces_[i].what};
    }
    if (advance_) return *std::exchange(advance_, std::nullopt);
    const bool room =
        in_flight_bytes_ == 0 || in_flight_bytes_ + piece_bytes_max_ <= in_flight_bytes_max_;
    if (room && !reading_ && !draining_) {
        reading_ = true;
        return read_more{};
    }
    return std::nullopt;
}

}  // namespace onceward::relay_core
