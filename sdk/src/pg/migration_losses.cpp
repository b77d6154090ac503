#include "pg/migration_losses.hpp"

#include <array>

#include <fmt/format.h>

#include "pg/migrator.hpp"

namespace onceward::pg {

namespace {

/// Something in the database that a migration down would take away for good.
struct treasure {
    int version;          ///< It goes with this migration.
    const char* table;    ///< Where it is.
    const char* needs;    ///< Another table that the query reads; the row counts only where it is.
    const char* rows;     ///< Selects a row for each, without LIMIT.
    const char* meaning;  ///< After the number.
};

constexpr std::array treasures{
    treasure{3, "outbox", "relay_cursor",
             "SELECT FROM onceward.relay_cursor c JOIN onceward.outbox o"
             "  ON o.xid >= pg_snapshot_xmin(c.lo::pg_snapshot)"
             "  AND NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)"
             "  AND o.bucket BETWEEN c.bucket_from AND c.bucket_to",
             "events that are not published yet would never be"},
    treasure{2, "outbox", "outbox", "SELECT FROM onceward.outbox",
             "events are in the outbox, the source of a repair"},
    treasure{3, "outbox_dead", "outbox_dead",
             "SELECT FROM onceward.outbox_dead WHERE state = 'dead'",
             "events that Kafka refused wait for a decision"},
    treasure{6, "outbox_held", "outbox_held", "SELECT FROM onceward.outbox_held",
             "events of held topics that are not published yet would never be"},
    treasure{6, "audit", "audit", "SELECT FROM onceward.audit",
             "rows of the audit tell who has decided on what"},
    treasure{6, "outbox_held", "outbox_held", "SELECT FROM onceward.outbox_held",
             "events of held topics that are not published yet would never be"},
    // Before version 8 there was no state, and none was settled.
    treasure{4, "inbox_dead", "inbox_dead",
             "SELECT FROM onceward.inbox_dead d"
             "  WHERE coalesce(to_jsonb(d) ->> 'state', 'dead') IN ('dead', 'redrive')",
             "messages that were kept aside wait for a decision"},
    treasure{
        4, "inbox_position", "inbox_position", "SELECT FROM onceward.inbox_position",
        "partitions would forget what they have applied, and apply again what Kafka still has"},
    treasure{7, "relay_pause", "relay_pause", "SELECT FROM onceward.relay_pause",
             "paused shards would be published again"},
    treasure{10, "operation", "operation", "SELECT FROM onceward.operation",
             "answers of idempotent operations would be forgotten, and a retry would run again"},
};

constexpr int counted_max = 10'000;

result<bool> all_there(connection& c, const std::string& schema, const treasure& t) {
    auto r = c.exec("SELECT to_regclass($1) IS NOT NULL AND to_regclass($2) IS NOT NULL",
                    {schema + "." + t.table, schema + "." + t.needs});
    if (!r) return r.error();
    return r->boolean(0, 0);
}

result<std::string> sentence(connection& c, const std::string& schema, const treasure& t) {
    auto r =
        c.exec(for_schema(fmt::format("SELECT count(*) FROM ({} LIMIT {}) t", t.rows, counted_max),
                          schema),
               {});
    if (!r) return r.error();
    const auto count = r->integer(0, 0);
    if (count == 0) return std::string();
    return fmt::format("{}{} {} ({}.{})", count, count == counted_max ? " or more" : "", t.meaning,
                       schema, t.table);
}

}  // namespace

result<done> lock_treasures(connection& c, const std::string& schema, int to) {
    for (const auto& t : treasures) {
        if (t.version <= to) continue;
        auto there = all_there(c, schema, t);
        if (!there) return there.error();
        if (!*there) continue;
        auto locked = c.script(for_schema(
            fmt::format("LOCK TABLE onceward.{} IN ACCESS EXCLUSIVE MODE", t.table), schema));
        if (!locked) return locked;
    }
    return done{};
}

result<std::vector<std::string>> losses(connection& c, const std::string& schema, int to) {
    std::vector<std::string> found;
    for (const auto& t : treasures) {
        if (t.version <= to) continue;
        auto there = all_there(c, checked_identifier(schema), t);
        if (!there) return there.error();
        if (!*there) continue;
        auto one = sentence(c, schema, t);
        if (!one) return one.error();
        if (!one->empty()) found.push_back(*std::move(one));
    }
    return found;
}

}  // namespace onceward::pg
