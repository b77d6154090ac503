#include "plant.hpp"

#include <array>
#include <utility>

namespace onceward::sim {

namespace {

constexpr std::array<std::pair<plant, std::string_view>, 22> names{{
    {plant::none, "none"},
    {plant::recompute_hi, "recompute-hi"},
    {plant::unfenced_cursor, "unfenced-cursor"},
    {plant::early_ack, "early-ack"},
    {plant::naive_seq, "naive-seq"},
    {plant::xid_horizon, "xid-horizon"},
    {plant::no_flush_barrier, "no-flush-barrier"},
    {plant::no_life_check, "no-life-check"},
    {plant::skip_latecomers, "skip-latecomers"},
    {plant::hasty_merge, "hasty-merge"},
    {plant::hasty_pipeline, "hasty-pipeline"},
    {plant::go_on_after_failure, "go-on-after-failure"},
    {plant::forget_progress, "forget-progress"},
    {plant::no_bounds, "no-bounds"},
    {plant::never_advance, "never-advance"},
    {plant::bury_any, "bury-any"},
    {plant::no_tombstone, "no-tombstone"},
    {plant::no_dedup, "no-dedup"},
    {plant::position_first, "position-first"},
    {plant::blame_the_first, "blame-the-first"},
    {plant::forget_dead_id, "forget-dead-id"},
    {plant::redrive_settled, "redrive-settled"},
}};

}  // namespace

std::optional<plant> plant_of(std::string_view name) {
    for (const auto& [bug, known] : names) {
        if (known == name) return bug;
    }
    return std::nullopt;
}

std::string_view name_of(plant bug) {
    for (const auto& [known, name] : names) {
        if (known == bug) return name;
    }
    return "?";
}

}  // namespace onceward::sim
