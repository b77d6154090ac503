#include "dead/letters.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "text.hpp"

namespace onceward::cli {

namespace {

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 2; i + 1 < hex.size(); i += 2) {
        out += static_cast<char>(std::strtol(std::string(hex.substr(i, 2)).c_str(), nullptr, 16));
    }
    return out;
}

std::optional<std::string> bytes_of(const pg::rows& r, int row, int column) {
    if (r.is_null(row, column)) return std::nullopt;
    return from_hex(r.text(row, column));
}

outbox_dead_letter letter_of(const pg::rows& r, int i, bool with_payload) {
    outbox_dead_letter d;
    d.id = r.text(i, 0);
    d.seq = r.integer(i, 1);
    d.shard = r.integer(i, 2);
    d.topic = r.text(i, 3);
    d.type = r.text(i, 4);
    d.state = r.text(i, 5);
    d.reason = r.text(i, 6);
    d.created_at = r.text(i, 7);
    d.dead_at = r.text(i, 8);
    d.id_age_s = std::strtod(std::string(r.text(i, 9)).c_str(), nullptr);
    d.key = bytes_of(r, i, 10);
    if (!r.is_null(i, 11)) d.payload_bytes = r.integer(i, 11);
    d.content_type = r.text(i, 12);
    d.headers = r.text(i, 13);
    if (with_payload) d.payload = bytes_of(r, i, 14);
    return d;
}

pg::text_value value_or_null(const std::string& text) {
    return text.empty() ? pg::text_value{} : pg::text_value{text};
}

}  // namespace

result<std::vector<outbox_dead_letter>> outbox_dead_letters::find(const selection& which, int limit,
                                                                  bool payloads) {
    const auto where = condition_of(which);
    const std::string sql = pg::for_schema(
        fmt::format(
            "SELECT id, seq, shard, topic, type, state, reason, created_at, dead_at,"
            " extract(epoch FROM clock_timestamp()) - onceward.uuid7_ms(id) / 1000.0,"
            " key, octet_length(payload), content_type, headers{} FROM onceward.outbox_dead "
            "WHERE {} ORDER BY seq{}",
            payloads ? ", payload" : "", where.sql,
            limit > 0 ? fmt::format(" LIMIT {}", limit) : ""),
        schema_);
    auto r = session_.exec(sql.c_str(), where.params);
    if (!r) return r.error();
    std::vector<outbox_dead_letter> found;
    for (int i = 0; i < r->size(); ++i) found.push_back(letter_of(*r, i, payloads));
    return found;
}

result<std::int64_t> outbox_dead_letters::count(const selection& which) {
    const auto where = condition_of(which);
    auto r = session_.exec(
        pg::for_schema("SELECT count(*) FROM onceward.outbox_dead WHERE " + where.sql, schema_)
            .c_str(),
        where.params);
    if (!r) return r.error();
    return r->integer(0, 0);
}

result<done> outbox_dead_letters::edit(const outbox_dead_letter& which,
                                       const outbox_dead_changes& to) {
    const auto payload =
        to.payload ? pg::text_value{"\\x" + hex_digits(*to.payload)} : pg::text_value{};
    auto r = session_.exec(
        pg::for_schema("SELECT onceward.dead_edit($1::uuid, $2::bigint, $3, $4::bytea, $5, "
                       "$6::jsonb)",
                       schema_),
        {which.id, std::to_string(which.seq), value_or_null(to.topic), payload,
         value_or_null(to.content_type), to.headers});
    if (!r) return r.error();
    return done{};
}

result<std::int64_t> outbox_dead_letters::redrive(const selection& which, bool as_new) {
    return call("dead_redrive", as_new ? ", true" : ", false", which);
}

result<std::int64_t> outbox_dead_letters::discard(const selection& which) {
    return call("dead_discard", "", which);
}

/// In the order of the sequence numbers, so that a key's events keep theirs among themselves.
result<std::int64_t> outbox_dead_letters::call(const char* function, const char* more,
                                               const selection& which) {
    const auto where = condition_of(which);
    const std::string sql = pg::for_schema(
        fmt::format(
            "SELECT count(*) FROM (SELECT onceward.{}(d.id, d.seq{}) FROM "
            "(SELECT id, seq FROM onceward.outbox_dead WHERE {} ORDER BY seq) d OFFSET 0) x",
            function, more, where.sql),
        schema_);
    auto r = session_.exec(sql.c_str(), where.params);
    if (!r) return r.error();
    return r->integer(0, 0);
}

}  // namespace onceward::cli
