#include "relay/io/pg_aside_store.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "faults/faults.hpp"
#include "onceward/message_id.hpp"
#include "relay/io/binary_rows.hpp"
#include "relay/io/fenced.hpp"
#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

std::string id_text(const event_ref& e) {
    return message_id(e.id).to_string();
}

/// Sequence numbers and ids, as two array literals.
std::pair<std::string, std::string> arrays_of(std::span<const event_ref> events) {
    std::vector<std::int64_t> seqs;
    std::vector<std::string> ids;
    for (const auto& e : events) {
        seqs.push_back(e.seq);
        ids.push_back(id_text(e));
    }
    return {fmt::format("{{{}}}", fmt::join(seqs, ",")),
            fmt::format("{{{}}}", fmt::join(ids, ","))};
}

/// The planted bug of dead letters that a replay does not know of.
bool without_tombstones() {
    return faults::planted("no-tombstone");
}

}  // namespace

pg_aside_store::pg_aside_store(pg::connection& session, const relay_options& options)
    : session_(session), schema_(options.schema), shard_(std::to_string(options.shard)) {}

/// A statement that is conditional on the lease, and gives a row unless it is fenced.
result<pg::rows> pg_aside_store::run(const char* query, const lease& held,
                                     std::initializer_list<pg::text_value> more) {
    std::vector<pg::text_value> params{shard_, held.id};
    params.insert(params.end(), more.begin(), more.end());
    const std::string text =
        pg::for_schema(sql::text(fmt::format("queries/{}.sql", query)), schema_);
    auto r = session_.exec(text.c_str(), params);
    if (r && r->empty()) return fenced();
    return r;
}

result<exceptions> pg_aside_store::load() {
    auto r = session_.exec(pg::for_schema(sql::text("queries/aside_load.sql"), schema_), {shard_});
    if (!r) return r.error();
    exceptions found;
    for (int i = 0; i < r->size(); ++i) {
        if (r->text(i, 0) == "held") {
            found.held_topics.emplace(r->text(i, 3));
        } else if (const auto id = message_id::parse(r->text(i, 2)); id && !without_tombstones()) {
            found.buried.insert({.seq = r->integer(i, 1), .id = id->raw()});
        }
    }
    return found;
}

result<done> pg_aside_store::bury(const lease& held, const event_ref& event,
                                  const std::string& reason) {
    auto r = run("aside_bury", held, {std::to_string(event.seq), id_text(event), reason});
    if (!r) return r.error();
    return done{};
}

result<done> pg_aside_store::hold_topic(const lease& held, const std::string& topic,
                                        const std::string& reason) {
    auto r = run("aside_hold_topic", held, {topic, reason});
    if (!r) return r.error();
    return done{};
}

result<std::size_t> pg_aside_store::hold(const lease& held, std::span<const event_ref> events) {
    const auto [seqs, ids] = arrays_of(events);
    auto r = run("aside_hold", held, {seqs, ids});
    if (!r) return r.error();
    if (static_cast<std::size_t>(r->integer(0, 1)) < events.size()) {
        // None of them is held, and all come again in the next lease's time.
        return failure{.next = verdict::transient,
                       .message = "an event that is to be held is not visible yet",
                       .origin = "hold"};
    }
    return static_cast<std::size_t>(r->integer(0, 0));
}

result<chunk> pg_aside_store::held(const std::string& topic, std::size_t events_max,
                                   std::size_t bytes_max) {
    bounded_chunk events(events_max, bytes_max);
    const std::vector<pg::text_value> params{shard_, topic, std::to_string(events_max)};
    auto r = session_.stream(
        "held_events",
        fmt::format("SELECT {} FROM {}.outbox_held WHERE shard = $1::smallint AND topic = $2 "
                    "ORDER BY place LIMIT $3::bigint",
                    event_columns, schema_),
        params, [&](auto fields) { return events.take(fields); });
    if (!r) return r.error();
    return events.release();
}

result<std::size_t> pg_aside_store::count_held() {
    auto r = session_.exec(
        fmt::format("SELECT count(*) FROM {}.outbox_held WHERE shard = $1::smallint", schema_),
        {shard_});
    if (!r) return r.error();
    return static_cast<std::size_t>(r->integer(0, 0));
}

result<done> pg_aside_store::unhold(const lease& held, std::span<const event_ref> events) {
    const auto [seqs, ids] = arrays_of(events);
    auto r = run("aside_unhold", held, {seqs, ids});
    if (!r) return r.error();
    return done{};
}

result<done> pg_aside_store::release_topic(const lease& held, const std::string& topic) {
    auto r = run("aside_release_topic", held, {topic});
    if (!r) return r.error();
    return done{};
}

}  // namespace onceward::relay_core
