#pragma once

/// @file
/// All chance of a run comes from one seed, so that a run can be repeated.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace onceward::sim {

class dice {
public:
    explicit dice(std::uint64_t seed) : state_(seed) {}

    /// 64 random bits (splitmix64).
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    /// From 0 to n - 1.
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
    /// Both ends included.
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least + 1)));
    }
    bool chance(double probability) { return probability > 0 && fraction() < probability; }
    /// From [0, 1).
    double fraction() { return static_cast<double>(below(1'000'000)) / 1e6; }

    template <class T>
    T& pick(std::vector<T>& from) {
        return from[below(from.size())];
    }

private:
    std::uint64_t state_;
};

}  // namespace onceward::sim
