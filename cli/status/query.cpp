#include "status/query.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "pg/migration_files.hpp"
#include "pg/schema_version.hpp"
#include "sql/embedded.hpp"

namespace onceward::cli {

namespace {

constexpr const char* shards_sql =
    "SELECT c.shard, coalesce(c.owner, ''),"
    "  CASE WHEN c.lease_id IS NULL OR c.lease_until IS NULL THEN 'none'"
    "       WHEN c.lease_until < clock_timestamp() THEN 'expired' ELSE 'held' END,"
    "  c.state, coalesce(c.reason, ''), c.epoch, c.bucket_from, c.bucket_to, c.lo,"
    "  coalesce(c.hi, c.lo), c.done_seq, p.reason, p.paused_by, p.paused_at,"
    "  CASE WHEN c.capture <> 'wal' THEN NULL WHEN s.slot_name IS NULL THEN 'gone'"
    "       WHEN s.wal_status = 'lost' THEN 'lost' WHEN s.active THEN 'read' ELSE 'unread' END,"
    "  coalesce(CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_lsn() - s.restart_lsn END, 0)::bigint"
    " FROM onceward.relay_cursor c LEFT JOIN onceward.relay_pause p USING (shard)"
    " LEFT JOIN pg_replication_slots s ON s.slot_name = left('onceward', 40) || '_'"
    "   || (SELECT oid FROM pg_database WHERE datname = current_database()) || '_' || c.shard"
    " ORDER BY c.shard";

constexpr const char* partitions_sql =
    "SELECT p.consumer, p.topic, p.partition, coalesce(p.owner, ''), p.epoch,"
    "  greatest(p.next_off, (SELECT max(g.next_off) FROM onceward.inbox_progress g"
    "    WHERE g.consumer = p.consumer AND g.topic = p.topic AND g.partition = p.partition"
    "      AND g.epoch = p.epoch)),"  // earlier epochs are in next_off already
    "  p.state, coalesce(p.reason, '')"
    " FROM onceward.inbox_position p ORDER BY 1, 2, 3";

// No row where no consumer has ever been. Partitions are named after their day.
constexpr const char* days_left_sql =
    "SELECT coalesce(max(to_date(right(c.relname, 8), 'YYYYMMDD')), date '1970-01-01')"
    "  - (clock_timestamp() AT TIME ZONE 'UTC')::date"
    " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'onceward.inbox'::regclass"
    " HAVING EXISTS (SELECT FROM onceward.inbox_consumer)";

lease_state lease_of(std::string_view word) {
    if (word == "held") return lease_state::held;
    return word == "expired" ? lease_state::expired : lease_state::none;
}

slot_facts slot_of(std::string_view word, std::int64_t wal_bytes) {
    using kind = slot_facts::kind;
    const auto is = word == "gone"   ? kind::gone
                    : word == "lost" ? kind::lost
                    : word == "read" ? kind::read
                                     : kind::unread;
    return {.is = is, .wal_bytes = wal_bytes};
}

result<std::vector<shard_facts>> read_shards(pg::connection& c, const std::string& schema) {
    auto r = c.exec(pg::for_schema(shards_sql, schema), {});
    if (!r) return r.error();
    std::vector<shard_facts> all;
    for (int i = 0; i < r->size(); ++i) {
        shard_facts s{.shard = r->integer(i, 0),
                      .owner = std::string(r->text(i, 1)),
                      .lease = lease_of(r->text(i, 2)),
                      .state = std::string(r->text(i, 3)),
                      .reason = std::string(r->text(i, 4)),
                      .epoch = r->integer(i, 5)};
        auto pending =
            c.exec(pg::for_schema(sql::text("queries/backlog.sql"), schema),
                   {r->optional_text(i, 6), r->optional_text(i, 7), r->optional_text(i, 8),
                    r->optional_text(i, 9), r->optional_text(i, 10), std::to_string(counted_max)});
        if (!pending) return pending.error();
        s.pending.counted = pending->integer(0, 0);
        s.oldest_pending_s = std::strtod(std::string(pending->text(0, 1)).c_str(), nullptr);
        if (!r->is_null(i, 11)) {
            s.paused = pause_facts{.reason = std::string(r->text(i, 11)),
                                   .by = std::string(r->text(i, 12)),
                                   .since = std::string(r->text(i, 13))};
        }
        if (!r->is_null(i, 14)) s.slot = slot_of(r->text(i, 14), r->integer(i, 15));
        all.push_back(std::move(s));
    }
    return all;
}

result<disk_facts> read_disk(pg::connection& c, const std::string& schema) {
    auto r = c.exec(pg::for_schema(sql::text("queries/outbox_disk.sql"), schema), {});
    if (!r) return r.error();
    return disk_facts{.outbox_bytes = r->integer(0, 0), .limit_bytes = r->integer(0, 1)};
}

result<std::vector<partition_facts>> read_partitions(pg::connection& c, const std::string& schema) {
    auto r = c.exec(pg::for_schema(partitions_sql, schema), {});
    if (!r) return r.error();
    std::vector<partition_facts> all;
    for (int i = 0; i < r->size(); ++i) {
        all.push_back({.consumer = std::string(r->text(i, 0)),
                       .topic = std::string(r->text(i, 1)),
                       .partition = r->integer(i, 2),
                       .owner = std::string(r->text(i, 3)),
                       .epoch = r->integer(i, 4),
                       .next_offset = r->integer(i, 5),
                       .state = std::string(r->text(i, 6)),
                       .reason = std::string(r->text(i, 7))});
    }
    return all;
}

result<std::optional<std::int64_t>> read_days_left(pg::connection& c, const std::string& schema) {
    auto r = c.exec(pg::for_schema(days_left_sql, schema), {});
    if (!r) return r.error();
    return r->empty() ? std::nullopt : std::optional(r->integer(0, 0));
}

// ($1 rows at most)
constexpr const char* held_topics_sql =
    "SELECT h.shard, h.topic, h.reason, h.since, (SELECT count(*) FROM"
    "   (SELECT FROM onceward.outbox_held e WHERE e.shard = h.shard AND e.topic = h.topic"
    "    LIMIT $1::bigint) n)"
    " FROM onceward.outbox_hold h ORDER BY 1, 2";

result<std::vector<held_topic_facts>> read_held_topics(pg::connection& c,
                                                       const std::string& schema) {
    auto r = c.exec(pg::for_schema(held_topics_sql, schema), {std::to_string(counted_max)});
    if (!r) return r.error();
    std::vector<held_topic_facts> all;
    for (int i = 0; i < r->size(); ++i) {
        all.push_back({.shard = r->integer(i, 0),
                       .topic = std::string(r->text(i, 1)),
                       .reason = std::string(r->text(i, 2)),
                       .since = std::string(r->text(i, 3)),
                       .events = {r->integer(i, 4)}});
    }
    return all;
}

result<bool> may_see_inbox(pg::connection& c, const std::string& schema) {
    auto r = c.exec(
        "SELECT has_table_privilege($1, 'SELECT') AND has_table_privilege($2, 'SELECT')"
        " AND has_table_privilege($3, 'SELECT')",
        {schema + ".inbox_position", schema + ".inbox_progress", schema + ".inbox_consumer"});
    if (!r) return r.error();
    return r->boolean(0, 0);
}

/// What the database knows as a consumer.
result<done> read_inbox(pg::connection& c, facts& f) {
    auto allowed = may_see_inbox(c, f.schema);
    if (!allowed) return allowed.error();
    f.sees_inbox = *allowed;
    if (!f.sees_inbox) return done{};
    auto partitions = read_partitions(c, f.schema);
    if (!partitions) return partitions.error();
    f.partitions = *std::move(partitions);
    auto days_left = read_days_left(c, f.schema);
    if (!days_left) return days_left.error();
    f.inbox_days_left = *days_left;
    return done{};
}

/// Counts the rows of a table of dead letters.
/// @return Empty when this role may not look.
result<std::optional<bounded_count>> count_dead(pg::connection& c, const std::string& table,
                                                const char* column, const char* condition) {
    auto allowed =
        c.exec("SELECT has_column_privilege($1, $2, 'SELECT')", {table, std::string(column)});
    if (!allowed) return allowed.error();
    if (!allowed->boolean(0, 0)) return std::optional<bounded_count>{};
    auto r = c.exec(fmt::format("SELECT count(*) FROM (SELECT {} FROM {} WHERE {} LIMIT {}) d",
                                column, table, condition, counted_max),
                    {});
    if (!r) return r.error();
    return std::optional(bounded_count{r->integer(0, 0)});
}

}  // namespace

result<facts> read_facts(pg::connection& c, const std::string& schema) {
    facts f{.schema = schema, .required_version = pg::required_schema_version()};
    auto found = pg::read_schema_version(c, schema);
    if (!found) return found.error();
    f.version = found->version;
    f.compatible_from = found->compatible_from;
    if (pg::misfit(*found, f.required_version, schema)) return f;

    // Leaves that were never analysed look small, and reading one to its end may take minutes.
    if (auto r = c.set({{"enable_seqscan", "off"}}); !r) return r.error();
    auto shards = read_shards(c, schema);
    if (!shards) return shards.error();
    f.shards = *std::move(shards);
    auto held = read_held_topics(c, schema);
    if (!held) return held.error();
    f.held_topics = *std::move(held);
    auto disk = read_disk(c, schema);
    if (!disk) return disk.error();
    f.disk = *disk;
    if (auto r = read_inbox(c, f); !r) return r.error();
    auto outbox_dead = count_dead(c, schema + ".outbox_dead", "state", "state = 'dead'");
    if (!outbox_dead) return outbox_dead.error();
    f.outbox_dead = *outbox_dead;
    auto inbox_dead = count_dead(c, schema + ".inbox_dead", "state", "state = 'dead'");
    if (!inbox_dead) return inbox_dead.error();
    f.inbox_dead = *inbox_dead;
    return f;
}

}  // namespace onceward::cli
