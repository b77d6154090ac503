#include "relay/core/snapshot.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <tuple>

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

std::uint64_t widened(std::uint32_t xid, std::uint64_t near) {
    const auto ahead = static_cast<std::int32_t>(xid - static_cast<std::uint32_t>(near));
    const bool before_the_first =
        ahead < 0 && near < static_cast<std::uint64_t>(-std::int64_t{ahead});
    return before_the_first ? xid : near + static_cast<std::uint64_t>(std::int64_t{ahead});
}

std::vector<std::uint64_t> latecomers(const snapshot& lo, const snapshot& hi) {
    std::vector<std::uint64_t> late;
    std::copy_if(lo.in_progress.begin(), lo.in_progress.end(), std::back_inserter(late),
                 [&](std::uint64_t xid) { return hi.sees(xid); });
    return late;
}

snapshot united(const snapshot& a, const snapshot& b) {
    const auto& [longer, shorter] = a.xmax >= b.xmax ? std::tie(a, b) : std::tie(b, a);
    snapshot u{.xmin = longer.xmax, .xmax = longer.xmax, .in_progress = {}};
    std::copy_if(longer.in_progress.begin(), longer.in_progress.end(),
                 std::back_inserter(u.in_progress),
                 [&shorter = shorter](std::uint64_t xid) { return !shorter.sees(xid); });
    if (!u.in_progress.empty()) u.xmin = u.in_progress.front();
    return u;
}

std::optional<snapshot> with_ended(const snapshot& s, const std::vector<std::uint64_t>& xids,
                                   std::size_t in_progress_max) {
    snapshot u{.xmin = s.xmax, .xmax = s.xmax, .in_progress = {}};
    std::set_difference(s.in_progress.begin(), s.in_progress.end(), xids.begin(), xids.end(),
                        std::back_inserter(u.in_progress));
    const auto beyond = std::lower_bound(xids.begin(), xids.end(), s.xmax);
    if (beyond != xids.end()) {
        const auto unnamed = xids.back() + 1 - s.xmax -
                             static_cast<std::uint64_t>(std::distance(beyond, xids.end()));
        if (u.in_progress.size() + unnamed > in_progress_max) return std::nullopt;
        auto unnamed_xid = s.xmax;
        for (auto named = beyond; named != xids.end(); ++named, ++unnamed_xid) {
            for (; unnamed_xid < *named; ++unnamed_xid) u.in_progress.push_back(unnamed_xid);
        }
        u.xmax = xids.back() + 1;
        u.xmin = u.xmax;
    }
    if (u.in_progress.size() > in_progress_max) return std::nullopt;
    if (!u.in_progress.empty()) u.xmin = u.in_progress.front();
    return u;
}

}  // namespace onceward::relay_core
