#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "world.hpp"

namespace onceward::sim {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t runs = 500;  // ten times slower
#else
constexpr std::uint64_t runs = 2'000;
#endif

// Goal: every committed event takes effect exactly once, in its key's order, and the relay keeps
// its bounds, whatever crashes, is lost, doubled, delayed or paused.
// Method: each seed chooses sizes and a random subset of the faults, lives under them, then heals
// and must drain in a bounded number of steps. Checkers watch every step from outside.
class Simulation : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        for (std::uint64_t seed = 1; seed <= runs; ++seed) {
            world w(seed, plant::none);
            w.run();
            all.add(w.what_was_seen());
            events += w.events();
            for (const auto& v : w.violations()) {
                broken += fmt::format("\"{}\": {}; replay: onceward-sim --runs 1 --seed {}\n",
                                      name_of(v.broken), v.what, seed);
            }
        }
    }
    static inline coverage all;
    static inline std::size_t events = 0;
    static inline std::string broken;
};

TEST_F(Simulation, KeepsEveryPromiseUnderEveryFault) {
    EXPECT_EQ(broken, "");
    EXPECT_GT(events, runs * 20);
}

// A fault that never strikes proves nothing.
TEST_F(Simulation, HasSeenEveryFaultAndEveryRecovery) {
    for (std::size_t i = 0; i < seen_count; ++i) {
        const auto what = static_cast<seen>(i);
        EXPECT_GT(all.of(what), 0U) << name_of(what);
    }
}

TEST(SimulationSeed, RepeatsTheRun) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        world first(seed, plant::none);
        world second(seed, plant::none);
        first.run();
        second.run();

        EXPECT_EQ(first.fingerprint(), second.fingerprint()) << seed;
        EXPECT_EQ(first.events(), second.events()) << seed;
    }
}

}  // namespace
}  // namespace onceward::sim
