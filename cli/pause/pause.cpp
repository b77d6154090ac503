#include "pause/pause.hpp"

#include <fmt/format.h>

namespace onceward::cli {

namespace {

constexpr const char* insert_sql =
    "INSERT INTO onceward.relay_pause (shard, reason, paused_by) "
    "VALUES ($1::smallint, $2, session_user || $3) ON CONFLICT DO NOTHING";

constexpr const char* select_sql =
    "SELECT reason, paused_by, paused_at FROM onceward.relay_pause WHERE shard = $1::smallint";

constexpr const char* delete_sql = "DELETE FROM onceward.relay_pause WHERE shard = $1::smallint";

constexpr std::string_view no_such_row = "sqlstate:23503";

failure told_plainly(failure why, std::int64_t shard) {
    if (why.origin == no_such_row) why.message = fmt::format("there is no shard {}", shard);
    return why;
}

failure resumed_meanwhile() {
    return {.next = verdict::transient,
            .message = "somebody resumed the shard at the same moment",
            .origin = "pause"};
}

}  // namespace

result<shard_pause> pause_shard(pg::connection& c, const std::string& schema, std::int64_t shard,
                                const std::string& reason, const std::string& by) {
    const std::string which = std::to_string(shard);
    auto made = c.exec(pg::for_schema(insert_sql, schema),
                       {which, reason, by.empty() ? "" : " (" + by + ")"});
    if (!made) return told_plainly(made.error(), shard);
    auto found = c.exec(pg::for_schema(select_sql, schema), {which});
    if (!found) return found.error();
    if (found->empty()) return resumed_meanwhile();
    return shard_pause{.reason = std::string(found->text(0, 0)),
                       .by = std::string(found->text(0, 1)),
                       .since = std::string(found->text(0, 2)),
                       .is_new = made->affected() == 1};
}

result<bool> resume_shard(pg::connection& c, const std::string& schema, std::int64_t shard) {
    auto gone = c.exec(pg::for_schema(delete_sql, schema), {std::to_string(shard)});
    if (!gone) return gone.error();
    return gone->affected() == 1;
}

std::string pause_remedy(const failure& why) {
    if (why.origin == "sqlstate:42501") return "GRANT onceward_relay to this role";
    if (why.origin == "sqlstate:42P01" || why.origin == "sqlstate:3F000")
        return "run `onceward migrate up`";
    if (why.origin == no_such_row) return "`onceward status` lists the shards that there are";
    return "try again";
}

}  // namespace onceward::cli
