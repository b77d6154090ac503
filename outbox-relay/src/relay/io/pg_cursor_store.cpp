#include "relay/io/pg_cursor_store.hpp"

#include <fmt/format.h>

#include "faults/faults.hpp"
#include "relay/core/replication_frame.hpp"
#include "relay/io/fenced.hpp"
#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

/// The planted bug of a cursor that any holder may move, however old its lease.
std::string without_fence(std::string sql) {
    const std::size_t at = sql.find("AND lease_id = $2::uuid\n");
    sql.replace(at, std::string::npos, "AND $2::uuid IS NOT NULL RETURNING 1");
    return sql;
}

std::string without_life_check(std::string sql) {
    const std::size_t at = sql.find("  AND EXISTS");
    sql.replace(at, std::string::npos, "RETURNING 1");
    return sql;
}

lease to_lease(const pg::rows& r) {
    lease l;
    l.id = r.text(0, 0);
    l.epoch = r.integer(0, 1);
    l.incarnation = r.text(0, 2);
    l.bucket_from = static_cast<int>(r.integer(0, 3));
    l.bucket_to = static_cast<int>(r.integer(0, 4));
    l.start = {.lo = std::string(r.text(0, 5)),
               .hi = r.optional_text(0, 6).value_or(""),
               .done_seq = r.integer(0, 7),
               .wal = parse_lsn(r.optional_text(0, 10).value_or(""))};
    l.reason = r.optional_text(0, 9).value_or("");
    return l;
}

failure foreign_cursor() {
    return failure{
        .next = verdict::fatal,
        .message =
            "relay_cursor was written by another database system: after a logical restore its "
            "snapshots mean nothing here; insert the unpublished events again and set lo to "
            "pg_current_snapshot() before starting the relay",
        .origin = "system_identifier"};
}

}  // namespace

pg_cursor_store::pg_cursor_store(pg::connection& session, const relay_options& options,
                                 std::string owner)
    : session_(session),
      schema_(options.schema),
      shard_(std::to_string(options.shard)),
      owner_(std::move(owner)),
      ttl_ms_(std::to_string(options.lease_ttl.count())),
      capture_(options.capture == capture_engine::wal ? "wal" : "poll"),
      acquire_sql_(pg::for_schema(sql::text("queries/lease_acquire.sql"), schema_)),
      store_sql_(pg::for_schema(sql::text("queries/cursor_store.sql"), schema_)) {
    if (faults::planted("unfenced-cursor")) store_sql_ = without_fence(store_sql_);
    if (faults::planted("no-life-check")) store_sql_ = without_life_check(store_sql_);
}

result<lease> pg_cursor_store::acquire(const std::string& last_lease_id) {
    const auto last = last_lease_id.empty() ? pg::text_value{} : pg::text_value{last_lease_id};
    auto r = session_.exec(acquire_sql_, {shard_, owner_, ttl_ms_, last, capture_});
    if (!r) return r.error();
    if (r->empty()) return lease{};
    if (!r->boolean(0, 8)) return foreign_cursor();
    return to_lease(*r);
}

result<done> pg_cursor_store::store(const lease& held, const position& p) {
    const auto hi = p.hi.empty() ? pg::text_value{} : pg::text_value{p.hi};
    const auto wal = p.wal == 0 ? pg::text_value{} : pg::text_value{to_string(p.wal)};
    return one_row(session_.exec(
        store_sql_, {shard_, held.id, ttl_ms_, p.lo, hi, std::to_string(p.done_seq), wal}));
}

result<done> pg_cursor_store::release(const lease& held) {
    // The lease id stays: it ties the incarnation to the proof of life.
    return one_row(
        session_.exec(fmt::format("UPDATE {}.relay_cursor SET lease_until = NULL, owner = NULL, "
                                  "state = CASE state WHEN 'running' THEN 'idle' ELSE state END "
                                  "WHERE shard = $1::smallint AND lease_id = $2::uuid RETURNING 1",
                                  schema_),
                      {shard_, held.id}));
}

result<done> pg_cursor_store::report(const lease& held, bool stopped, const std::string& reason) {
    const auto why = reason.empty() ? pg::text_value{} : pg::text_value{reason};
    return one_row(session_.exec(
        fmt::format(
            "UPDATE {}.relay_cursor SET state = $3, reason = $4, updated_at = clock_timestamp() "
            "WHERE shard = $1::smallint AND lease_id = $2::uuid RETURNING 1",
            schema_),
        {shard_, held.id, stopped ? "stopped" : "running", why}));
}

result<int> pg_cursor_store::pin_partitions(const std::string& topic, int partitions) {
    auto r = session_.exec(fmt::format("INSERT INTO {}.topic_pin (topic, partitions) VALUES ($1, "
                                       "$2::integer) ON CONFLICT DO NOTHING",
                                       schema_),
                           {topic, std::to_string(partitions)});
    if (!r) return r.error();
    r = session_.exec(fmt::format("SELECT partitions FROM {}.topic_pin WHERE topic = $1", schema_),
                      {topic});
    if (!r) return r.error();
    return static_cast<int>(r->integer(0, 0));
}

result<done> pg_cursor_store::one_row(result<pg::rows> answer) const {
    if (!answer) return answer.error();
    if (answer->empty()) return fenced();
    return done{};
}

}  // namespace onceward::relay_core
