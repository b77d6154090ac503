#include "dead/selection.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace onceward::cli {

bool selection::narrows() const {
    return !ids.empty() || !topic.empty() || !type.empty() || !key.empty() || !reason.empty() ||
           !since.empty() || !until.empty();
}

condition condition_of(const selection& s) {
    condition c{.sql = "true", .params = {}};
    // `test` holds the place of the parameter as {}.
    const auto where = [&c](const std::string& value, const char* test) {
        if (value.empty()) return;
        c.params.emplace_back(value);
        c.sql += " AND " + fmt::format(fmt::runtime(test), "$" + std::to_string(c.params.size()));
    };
    where(s.state, "state = {}");
    where(s.topic, "topic = {}");
    where(s.type, "type = {}");
    where(s.key, "key = convert_to({}, 'UTF8')");
    where(s.reason, "strpos(reason, {}) > 0");
    where(s.since, "dead_at >= {}::timestamptz");
    where(s.until, "dead_at < {}::timestamptz");
    if (!s.ids.empty()) {
        where(fmt::format("{{{}}}", fmt::join(s.ids, ",")), "id = ANY ({}::uuid[])");
    }
    return c;
}

}  // namespace onceward::cli
