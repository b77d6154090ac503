#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "world.hpp"

namespace onceward::sim {
namespace {

/// A planted bug, the promise that it breaks, and how many seeds it may take to see that.
struct planted {
    plant bug;
    promise broken;
    std::uint64_t seeds_max;
};

constexpr planted all_plants[] = {
    {plant::recompute_hi, promise::complete, 60},
    {plant::unfenced_cursor, promise::fenced, 40},
    {plant::unfenced_cursor, promise::monotone, 60},
    {plant::early_ack, promise::complete, 40},
    {plant::naive_seq, promise::complete, 20},
    {plant::xid_horizon, promise::log_ordered, 20},
    {plant::no_flush_barrier, promise::no_phantom, 1'000},
    {plant::no_life_check, promise::complete, 1'000},
    {plant::skip_latecomers, promise::complete, 20},
    {plant::hasty_merge, promise::log_ordered, 40},
    {plant::hasty_pipeline, promise::acknowledged, 300},
    {plant::go_on_after_failure, promise::complete, 100},
    {plant::forget_progress, promise::frugal, 40},
    {plant::no_bounds, promise::bounded, 20},
    {plant::never_advance, promise::live, 5},
    {plant::bury_any, promise::innocent, 60},
    {plant::no_tombstone, promise::buried, 60},
    {plant::no_dedup, promise::once, 20},
    {plant::position_first, promise::complete, 100},
    {plant::blame_the_first, promise::innocent, 100},
    {plant::forget_dead_id, promise::once, 200},
    {plant::redrive_settled, promise::once, 100},
};

class PlantedBug : public ::testing::TestWithParam<planted> {};

// The checkers are tested too: each of them must see a bug that breaks its promise. The same seed
// without the bug must be clean, or it proves nothing.
TEST_P(PlantedBug, IsCaught) {
    for (std::uint64_t seed = 1; seed <= GetParam().seeds_max; ++seed) {
        world with(seed, GetParam().bug);
        with.run(/*to_the_end=*/true);
        if (!with.breaks(GetParam().broken)) continue;

        world without(seed, plant::none);
        without.run();
        EXPECT_TRUE(without.violations().empty());
        RecordProperty("seeds", std::to_string(seed));
        return;
    }
    FAIL() << "no seed up to " << GetParam().seeds_max << " breaks \"" << name_of(GetParam().broken)
           << '"';
}

std::string name_of_case(const ::testing::TestParamInfo<planted>& info) {
    std::string name =
        std::string(name_of(info.param.bug)) + "_breaks_" + std::string(name_of(info.param.broken));
    for (char& c : name) {
        if (c == '-' || c == ' ') c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Simulated, PlantedBug, ::testing::ValuesIn(all_plants), name_of_case);

}  // namespace
}  // namespace onceward::sim
