#include "inbox/dead_letters.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text.hpp"

namespace onceward::cli {

namespace {

// ($1 numbers, $2 consumer, $3 topic, $4 kind, $5 state, $6 rows at most)
constexpr const char* list_sql =
    "SELECT number, consumer, topic, partition, off, coalesce(id, ''), coalesce(type, ''), kind, "
    "state, reason,"
    "  coalesce(sqlstate, ''), attempts, dead_at"
    " FROM onceward.inbox_dead"
    " WHERE ($1::bigint[] = '{}' OR number = ANY ($1::bigint[])) AND ($2::text IS NULL OR consumer "
    "= $2::text)"
    "  AND ($3::text IS NULL OR topic = $3::text) AND ($4::text IS NULL OR kind = $4::text)"
    "  AND ($5::text IS NULL OR state = $5::text)"
    " ORDER BY number LIMIT $6::bigint";

constexpr const char* content_sql =
    "SELECT translate(encode(key, 'base64'), E'\\n', ''), translate(encode(payload, 'base64'), "
    "E'\\n', ''),"
    "  coalesce(headers, '[]')"
    " FROM onceward.inbox_dead WHERE number = $1::bigint";

std::string bytea(const std::string& bytes) {
    return "\\x" + hex_digits(bytes);
}

inbox_dead_letter letter_of(const pg::rows& r, int i) {
    return {.number = r.integer(i, 0),
            .consumer = std::string(r.text(i, 1)),
            .topic = std::string(r.text(i, 2)),
            .partition = r.integer(i, 3),
            .offset = r.integer(i, 4),
            .id = std::string(r.text(i, 5)),
            .type = std::string(r.text(i, 6)),
            .kind = std::string(r.text(i, 7)),
            .state = std::string(r.text(i, 8)),
            .reason = std::string(r.text(i, 9)),
            .sqlstate = std::string(r.text(i, 10)),
            .attempts = r.integer(i, 11),
            .dead_at = std::string(r.text(i, 12))};
}

result<done> done_or(const result<pg::rows>& r) {
    if (!r) return r.error();
    return done{};
}

}  // namespace

result<pg::rows> dead_letters::exec(const std::string& sql,
                                    std::initializer_list<pg::text_value> params) {
    return c_.exec(pg::for_schema(sql, schema_), params);
}

result<std::vector<inbox_dead_letter>> dead_letters::list(const dead_filter& f) {
    auto r = exec(list_sql, {fmt::format("{{{}}}", fmt::join(f.numbers, ",")), f.consumer, f.topic,
                             f.kind, f.state, std::to_string(f.limit)});
    if (!r) return r.error();
    std::vector<inbox_dead_letter> all;
    for (int i = 0; i < r->size(); ++i) all.push_back(letter_of(*r, i));
    return all;
}

result<std::optional<dead_content>> dead_letters::content(std::int64_t number) {
    auto r = exec(content_sql, {std::to_string(number)});
    if (!r) return r.error();
    if (r->empty()) return std::optional<dead_content>{};
    return std::optional(dead_content{.key = r->optional_text(0, 0),
                                      .payload = r->optional_text(0, 1),
                                      .headers = std::string(r->text(0, 2))});
}

result<done> dead_letters::begin() {
    return c_.script("BEGIN");
}

result<done> dead_letters::end(bool dry_run) {
    return c_.script(dry_run ? "ROLLBACK" : "COMMIT");
}

result<done> dead_letters::edit(std::int64_t number, const dead_edit& e) {
    pg::text_value payload;
    if (e.new_payload) payload = bytea(*e.new_payload);
    return done_or(
        exec("SELECT onceward.inbox_dead_edit($1::bigint, $2::boolean, $3::bytea, $4::jsonb)",
             {std::to_string(number), e.payload ? "true" : "false", payload, e.new_headers}));
}

result<std::string> dead_letters::redrive(std::int64_t number, bool as_new) {
    auto r = exec("SELECT onceward.inbox_dead_redrive($1::bigint, $2::boolean)",
                  {std::to_string(number), as_new ? "true" : "false"});
    if (!r) return r.error();
    return std::string(r->text(0, 0));
}

result<done> dead_letters::discard(std::int64_t number, const std::string& why) {
    return done_or(
        exec("SELECT onceward.inbox_dead_discard($1::bigint, $2)", {std::to_string(number), why}));
}

}  // namespace onceward::cli
