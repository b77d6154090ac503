#include "relay/io/pg_outbox_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/faults.hpp"
#include "relay/io/binary_rows.hpp"
#include "relay/io/pause_reason.hpp"
#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

std::string xid_array(const std::vector<std::uint64_t>& xids) {
    return fmt::format("{{{}}}", fmt::join(xids, ","));
}

}  // namespace

pg_outbox_reader::pg_outbox_reader(pg::connection session, std::string schema, int shard,
                                   const lease& held, std::size_t events_max, std::size_t bytes_max)
    : session_(std::move(session)),
      schema_(std::move(schema)),
      shard_(std::to_string(shard)),
      lease_id_(held.id),
      bucket_from_(held.bucket_from),
      bucket_to_(held.bucket_to),
      events_max_(events_max),
      bytes_max_(bytes_max),
      open_sql_(pg::for_schema(sql::text("queries/window_open.sql"), schema_)) {}

std::string pg_outbox_reader::buckets(order by) const {
    // The form of the bucket chooses the index, see the migration that makes them.
    return fmt::format("{} BETWEEN {} AND {}", by == order::xid ? "bucket::integer" : "bucket",
                       bucket_from_, bucket_to_);
}

result<opened_window> pg_outbox_reader::open(const snapshot& lo) {
    const auto& late = faults::planted("skip-late") ? std::vector<std::uint64_t>{} : lo.in_progress;
    const std::vector<pg::text_value> params{std::to_string(bucket_from_),
                                             std::to_string(bucket_to_),
                                             std::to_string(lo.xmax),
                                             xid_array(late),
                                             std::to_string(events_max_ + 1),
                                             shard_,
                                             lease_id_};
    opened_window w;
    bounded_chunk events(events_max_ + 1, bytes_max_);
    bool header_is_good = false;
    auto r = session_.stream("window_open", open_sql_, params, [&](auto fields) {
        if (fields[0].data != nullptr) return events.take(fields);
        auto hi = snapshot::parse(text_of(fields[event_fields]));
        header_is_good = hi.has_value();
        if (hi) w.hi = std::move(*hi);
        w.wal_end = text_of(fields[event_fields + 1]);
        w.durable = *fields[event_fields + 2].data != 0;
        w.alive = *fields[event_fields + 3].data != 0 || faults::planted("no-life-check");
        return true;
    });
    if (!r) return r.error();
    if (!header_is_good) {
        return failure{.next = verdict::fatal,
                       .message = "the server sent no readable snapshot",
                       .origin = "window_open"};
    }
    w.complete = !events.full();
    w.events = events.release();
    return w;
}

result<std::vector<std::uint64_t>> pg_outbox_reader::with_rows(
    const std::vector<std::uint64_t>& xids) {
    std::vector<std::uint64_t> found;
    if (xids.empty() || faults::planted("skip-late")) return found;
    auto r = session_.exec(fmt::format("SELECT x::text FROM unnest($1::xid8[]) x WHERE EXISTS "
                                       "(SELECT FROM {}.outbox WHERE xid = x AND {})",
                                       schema_, buckets(order::xid)),
                           {xid_array(xids)});
    if (!r) return r.error();
    for (int i = 0; i < r->size(); ++i)
        found.push_back(static_cast<std::uint64_t>(r->integer(i, 0)));
    return found;
}

result<std::int64_t> pg_outbox_reader::floor(const snapshot& lo, const snapshot& hi) {
    // Exact where the window is small enough to look at; else the run pays one pass over what is
    // retained, which a window of that size dwarfs.
    constexpr std::int64_t looked_at_max = 100'000;
    auto r = session_.exec(fmt::format("SELECT count(*), coalesce(min(seq), 0) FROM (SELECT seq "
                                       "FROM {}.outbox WHERE xid >= $1::xid8 "
                                       "AND xid < $2::xid8 AND {} LIMIT {}) w",
                                       schema_, buckets(order::xid), looked_at_max),
                           {std::to_string(lo.xmax), std::to_string(hi.xmax)});
    if (!r) return r.error();
    return r->integer(0, 0) < looked_at_max ? r->integer(0, 1) - 1 : 0;
}

result<run_chunk> pg_outbox_reader::read_run(const snapshot& lo, const snapshot& hi,
                                             const run_query& run, std::size_t events_max,
                                             std::size_t bytes_max) {
    const order by = run.latecomer != 0 ? order::xid : order::seq;
    // A range where an equality would do: with `xid = x` the planner takes (seq) for the order.
    const std::string rows =
        run.latecomer != 0 ? fmt::format("(xid, seq) > ('{0}'::xid8, {1}) AND xid <= '{0}'::xid8",
                                         run.latecomer, run.after)
                           : fmt::format(
                                 "seq > {} AND xid >= '{}'::xid8 AND pg_visible_in_snapshot(xid, "
                                 "'{}'::pg_snapshot)",
                                 run.after, lo.xmax, hi.to_string());
    bounded_chunk events(events_max, bytes_max);
    auto r = session_.copy_out(
        fmt::format("SELECT {} FROM {}.outbox WHERE {} AND {} ORDER BY {} LIMIT {}", event_columns,
                    schema_, rows, buckets(by), by == order::xid ? "xid, seq" : "seq", events_max),
        [&](auto fields) { return events.take(fields); });
    if (!r) return r.error();
    const bool last = !events.full();
    return run_chunk{.events = events.release(), .last = last};
}

result<confirmation> pg_outbox_reader::confirm(const std::string& wal_end) {
    const auto place = wal_end.empty() ? pg::text_value{} : pg::text_value{wal_end};
    return confirmation_of(
        session_.exec(pg::for_schema(sql::text("queries/window_confirm.sql"), schema_),
                      {shard_, lease_id_, place}));
}

result<confirmation> pg_outbox_reader::barrier() {
    return confirmation_of(session_.exec(
        pg::for_schema(sql::text("queries/window_barrier.sql"), schema_), {shard_, lease_id_}));
}

result<std::string> pg_outbox_reader::pause_reason() {
    return relay_core::pause_reason(session_, schema_, shard_);
}

result<confirmation> pg_outbox_reader::confirmation_of(result<pg::rows> answer) const {
    if (!answer) return answer.error();
    const bool blind = faults::planted("no-life-check");
    if (answer->empty()) return confirmation{.alive = blind, .durable = blind};
    return confirmation{.alive = answer->boolean(0, 0) || blind,
                        .durable = answer->boolean(0, 1)};
}

}  // namespace onceward::relay_core
