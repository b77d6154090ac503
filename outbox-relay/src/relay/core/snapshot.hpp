#pragma once

/// @file
/// PostgreSQL's snapshots as values: which transactions had ended when one was taken.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace onceward::relay_core {

/// A pg_snapshot: every transaction below `xmax` that is not in `in_progress` had ended.
///
/// The set of transactions visible in a snapshot is closed under "committed before", which is why
/// the outbox is cut at snapshots and not at ids or sequence numbers.
struct snapshot {
    std::uint64_t xmin = 0;                  ///< All below it had ended.
    std::uint64_t xmax = 0;                  ///< None from here on had ended.
    std::vector<std::uint64_t> in_progress;  ///< Sorted; between the two.

    /// Reads the server's text form, `xmin:xmax:xip,xip,...`.
    /// @return Empty when the text does not have that form.
    static std::optional<snapshot> parse(std::string_view text);

    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] bool sees(std::uint64_t xid) const;

    friend bool operator==(const snapshot&, const snapshot&) = default;
};

/// The transactions that were in progress at `lo` and had ended at `hi`: a window's latecomers.
std::vector<std::uint64_t> latecomers(const snapshot& lo, const snapshot& hi);

}  // namespace onceward::relay_core
