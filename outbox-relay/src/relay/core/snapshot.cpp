#include "relay/core/snapshot.hpp"

#include <algorithm>
#include <charconv>

namespace onceward::relay_core {

namespace {

/// Reads a number and the character after it, if any, off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, char after) {
    std::uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return after == ',' ? std::optional(n) : std::nullopt;
    if (text.front() != after) return std::nullopt;
    text.remove_prefix(1);
    return n;
}

}  // namespace

std::optional<snapshot> snapshot::parse(std::string_view text) {
    snapshot s;
    const auto xmin = take_number(text, ':');
    if (!xmin) return std::nullopt;
    const auto xmax = take_number(text, ':');
    if (!xmax || *xmax < *xmin) return std::nullopt;
    s.xmin = *xmin;
    s.xmax = *xmax;
    if (text.ends_with(',')) return std::nullopt;
    while (!text.empty()) {
        const auto xid = take_number(text, ',');
        if (!xid || *xid < s.xmin || *xid >= s.xmax) return std::nullopt;
        s.in_progress.push_back(*xid);
    }
    std::sort(s.in_progress.begin(), s.in_progress.end());
    return s;
}

std::string snapshot::to_string() const {
    std::string text = std::to_string(xmin) + ':' + std::to_string(xmax) + ':';
    for (std::size_t i = 0; i < in_progress.size(); ++i) {
        if (i > 0) text += ',';
        text += std::to_string(in_progress[i]);
    }
    return text;
}

bool snapshot::sees(std::uint64_t xid) const {
    return xid < xmax && !std::binary_search(in_progress.begin(), in_progress.end(), xid);
}

std::vector<std::uint64_t> latecomers(const snapshot& lo, const snapshot& hi) {
    std::vector<std::uint64_t> late;
    std::copy_if(lo.in_progress.begin(), lo.in_progress.end(), std::back_inserter(late),
                 [&](std::uint64_t xid) { return hi.sees(xid); });
    return late;
}

}  // namespace onceward::relay_core
