#pragma once

/// @file
/// A histogram that some threads write and others read, without locks.

#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>

#include "onceward/histogram.hpp"

namespace onceward::metrics {

/// Values in whole units, gathered by one thread before they are added at once: for values of which
/// there are as many as events.
class tally {
public:
    void add(std::uint64_t units) {
        ++counts_[bucket(units)];
        sum_ += units;
    }

private:
    friend class live_histogram;

    /// The first bucket whose bound is not below the value.
    static std::size_t bucket(std::uint64_t units) {
        const std::size_t i = units <= 1 ? 0 : static_cast<std::size_t>(std::bit_width(units - 1));
        return i < histogram::bounds ? i : histogram::bounds;
    }

    std::array<std::uint64_t, histogram::bounds + 1> counts_{};
    std::uint64_t sum_ = 0;
};

/// @par Thread safety
/// Any thread may call anything. A reader may see a value in its bucket and not yet in the sum.
class live_histogram {
public:
    /// @param unit  The bound of the first bucket, in the metric's own unit.
    explicit live_histogram(double unit) : unit_(unit) {}

    void add(const tally& some) {
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            if (some.counts_[i] > 0)
                counts_[i].fetch_add(some.counts_[i], std::memory_order_relaxed);
        }
        sum_.fetch_add(some.sum_, std::memory_order_relaxed);
    }

    void add(std::uint64_t units) {
        tally one;
        one.add(units);
        add(one);
    }

    [[nodiscard]] histogram read() const {
        histogram h{.unit = unit_};
        for (std::size_t i = 0; i < counts_.size(); ++i)
            h.counts[i] = counts_[i].load(std::memory_order_relaxed);
        h.sum = unit_ * static_cast<double>(sum_.load(std::memory_order_relaxed));
        return h;
    }

private:
    const double unit_;
    std::array<std::atomic<std::uint64_t>, histogram::bounds + 1> counts_{};
    std::atomic<std::uint64_t> sum_{0};
};

/// For what lasts from below a millisecond to a minute.
inline constexpr double duration_unit = 0.0001;

/// A time that has passed, in `duration_unit`.
template <class Duration>
std::uint64_t duration_units(Duration d) {
    using tenth = std::chrono::duration<std::int64_t, std::ratio<1, 10'000>>;
    const auto n = std::chrono::ceil<tenth>(d).count();
    return n > 0 ? static_cast<std::uint64_t>(n) : 0;
}

}  // namespace onceward::metrics
