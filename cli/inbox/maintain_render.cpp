#include "inbox/maintain_render.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

std::string maintain_text(const maintain_report& r) {
    std::string out = fmt::format("made {} day partitions\n", r.made);
    for (const auto& d : r.old_days) out += fmt::format("{} {}\n", d.outcome, d.name);
    if (r.forgotten > 0) out += fmt::format("forgot {} settled dead letters\n", r.forgotten);
    if (!r.all_forgotten) out += "more of them are left; run this again\n";
    const auto waits = [](const day_outcome& d) { return d.outcome != "dropped"; };
    if (std::ranges::any_of(r.old_days, waits))
        out += "what waits is used by transactions that are open; run this again when they end\n";
    return out;
}

std::string maintain_json(const maintain_report& r) {
    auto days = nlohmann::ordered_json::array();
    for (const auto& d : r.old_days) days.push_back({{"name", d.name}, {"outcome", d.outcome}});
    return indented({{"made", r.made},
                     {"old_days", days},
                     {"forgotten", r.forgotten},
                     {"complete", r.complete()}});
}

}  // namespace onceward::cli
