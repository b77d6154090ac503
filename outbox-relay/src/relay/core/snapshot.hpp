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

/// The whole of a transaction id of which the catalogs keep 32 bits: the one nearest to `near`.
std::uint64_t widened(std::uint32_t xid, std::uint64_t near);

/// The transactions that were in progress at `lo` and had ended at `hi`: a window's latecomers.
std::vector<std::uint64_t> latecomers(const snapshot& lo, const snapshot& hi);

/// Sees what one of the two sees, and nothing else.
snapshot united(const snapshot& a, const snapshot& b);

/// Sees what `s` sees and the transactions `xids` (sorted, each once), and nothing else.
///
/// Transactions between them that nobody has named count as in progress; each is one more number in
/// the snapshot's text.
/// @return Empty when it would have more than `in_progress_max`.
std::optional<snapshot> with_ended(const snapshot& s, const std::vector<std::uint64_t>& xids,
                                   std::size_t in_progress_max);

}  // namespace onceward::relay_core
