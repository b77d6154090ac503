#pragma once

/// @file
/// How values are spread, for metrics: what relay and inbox measure.

#include <array>
#include <cstddef>
#include <cstdint>

namespace onceward {

/// Counts of values by powers of two of a unit: Prometheus' buckets, not yet cumulative.
struct histogram {
    static constexpr std::size_t bounds = 20;

    double unit = 1;  ///< The bound of the first bucket, such as 0.001 for a millisecond.
    /// `counts[i]`: values above the bound before and up to `unit * 2^i`; the last one: all larger.
    std::array<std::uint64_t, bounds + 1> counts{};
    double sum = 0;  ///< Of all values.

    [[nodiscard]] constexpr double bound(std::size_t i) const {
        return unit * static_cast<double>(std::uint64_t{1} << i);
    }
    [[nodiscard]] constexpr std::uint64_t total() const {
        std::uint64_t all = 0;
        for (const auto n : counts) all += n;
        return all;
    }
    /// Adds what another one of the same unit has counted.
    constexpr histogram& operator+=(const histogram& other) {
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
        sum += other.sum;
        return *this;
    }
};

}  // namespace onceward
