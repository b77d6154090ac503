#include "pause/render.hpp"

#include <nlohmann/json.hpp>

#include "text.hpp"

namespace onceward::cli {

std::string pause_json(std::int64_t shard, const shard_pause& p) {
    return indented({{"shard", shard},
                     {"paused", true},
                     {"changed", p.is_new},
                     {"reason", p.reason},
                     {"by", p.by},
                     {"since", p.since}});
}

std::string resume_json(std::int64_t shard, bool changed) {
    return indented({{"shard", shard}, {"paused", false}, {"changed", changed}});
}

}  // namespace onceward::cli
