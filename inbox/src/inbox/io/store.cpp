#include "inbox/io/store.hpp"

#include <fmt/format.h>

#include "core/header_codec.hpp"
#include "inbox/core/digest.hpp"
#include "inbox/io/classify.hpp"
#include "inbox/io/sql_text.hpp"
#include "pg/checks.hpp"
#include "pg/connection.hpp"
#include "pg/migration_files.hpp"
#include "pg/pqxx_compat.hpp"
#include "pg/schema_version.hpp"
#include "sql/embedded.hpp"

namespace onceward::inbox_io {

namespace {

using pqxx_compat::exec;

constexpr const char* ended_transaction =
    "A handler has ended the inbox's transaction; it may use savepoints, but neither COMMIT nor "
    "ROLLBACK. What it committed itself stays and will be done again.";

std::string with_unit(std::chrono::milliseconds t) {
    return fmt::format("{}ms", t.count());
}

std::chrono::sys_days day_of(const pqxx_compat::field& f) {
    return std::chrono::sys_days{std::chrono::days{f.as<int>()}};
}

message_id id_of(const pqxx_compat::field& f) {
    return message_id::parse(f.c_str()).value();
}

std::optional<std::string> optional_bytes(const pqxx_compat::field& hex) {
    if (hex.is_null()) return std::nullopt;
    return bytes_of_hex(hex.c_str());
}

}  // namespace

store::store(const inbox_options& o)
    : consumer_(o.consumer),
      dead_letters_max_(o.dead_letters_max),
      schema_(o.schema),
      statement_timeout_(with_unit(o.statement_timeout)),
      lock_timeout_(with_unit((o.statement_timeout + std::chrono::milliseconds{1}) / 2)),
      idle_timeout_(with_unit(o.session_timeout)),
      settings_(query("settings")),
      version_(pg::schema_version_sql(o.schema)),
      grants_(pg::check_sql("grants", o.schema)),
      days_(query("days")),
      drop_day_(query("day_drop")),
      create_(query("position_create")),
      lock_(query("position_lock")),
      take_(query("position_take")),
      stop_(query("position_stop")),
      fence_(query("batch_fence")),
      exists_(query("progress_exists")),
      progress_(query("progress_add")),
      insert_ids_(query("ids_insert")),
      known_ids_(query("ids_known")),
      dead_(query("dead_insert")),
      dead_waiting_(query("dead_waiting")),
      places_(query("redrive_places")),
      next_(query("redrive_next")),
      done_(query("redrive_done")),
      failed_(query("redrive_failed")) {}

std::string store::query(const char* name) const {
    return pg::for_schema(sql::text(fmt::format("queries/inbox_{}.sql", name)), schema_);
}

void store::settings(pqxx::transaction_base& tx) const {
    exec(tx, settings_, statement_timeout_, idle_timeout_, idle_timeout_);
}

std::optional<finding> store::misfit(pqxx::transaction_base& tx) const {
    pg::schema_version found;
    const auto there = exec(tx, "SELECT to_regclass($1) IS NOT NULL", schema_ + ".schema_version");
    const int built_for = pg::required_schema_version();
    if (there[0][0].as<bool>()) {
        const auto r = exec(tx, version_, built_for);
        found = {.version = r[0][0].as<int>(), .compatible_from = r[0][1].as<int>()};
    }
    return pg::misfit(found, built_for, schema_);
}

std::vector<std::string> store::missing(pqxx::transaction_base& tx) const {
    if (const auto f = misfit(tx)) return {sentence(*f)};
    std::vector<std::string> out;
    const std::optional<std::string> connected_role;
    for (const auto& row : exec(tx, grants_, or_null(connected_role), "inbox"))
        out.push_back(sentence({severity::problem, row[1].c_str(), row[2].c_str()}));
    return out;
}

inbox_core::kept_days store::keep_days(pqxx::transaction_base& tx, int window_days) const {
    const auto r = exec(tx, days_, consumer_, window_days);
    return {.last_day = day_of(r[0][0]), .ids_since = day_of(r[0][1])};
}

dropped_day store::drop_day(pqxx::transaction_base& tx, const char* parent) const {
    const auto r = exec(tx, drop_day_, parent);
    dropped_day day{.name = r[0][0].c_str()};
    const std::string_view outcome = r[0][1].c_str();
    if (outcome == "dropped") day.what = dropped_day::outcome::dropped;
    if (outcome == "busy") day.what = dropped_day::outcome::busy;
    return day;
}

void store::create_position(pqxx::transaction_base& tx, const place& at,
                            std::int64_t next_off) const {
    exec(tx, create_, consumer_, at.topic, at.partition, next_off);
}

std::optional<std::int64_t> store::lock_position(pqxx::transaction_base& tx,
                                                 const place& at) const {
    const auto r = exec(tx, lock_, consumer_, at.topic, at.partition);
    if (r.empty()) return std::nullopt;
    return r[0][0].as<std::int64_t>();
}

inbox_core::position store::take_position(pqxx::transaction_base& tx, const place& at,
                                          const std::string& owner) const {
    const auto r = exec(tx, take_, consumer_, at.topic, at.partition, owner);
    return {.epoch = r.at(0)[0].as<std::int64_t>(), .next_off = r[0][1].as<std::int64_t>()};
}

void store::stop_position(pqxx::transaction_base& tx, const place& at, std::int64_t epoch,
                          const std::string& reason) const {
    exec(tx, stop_, consumer_, at.topic, at.partition, epoch, sql_text(reason, 2'000));
}

std::optional<fenced_batch> store::fence(pqxx::transaction_base& tx, const place& at,
                                         std::int64_t epoch) const {
    const auto r = exec(tx, fence_, consumer_, at.topic, at.partition, epoch, statement_timeout_,
                        lock_timeout_, idle_timeout_);
    if (r.empty()) return std::nullopt;
    return fenced_batch{
        message_id::time_point{std::chrono::milliseconds{r[0][0].as<std::int64_t>()}},
        r[0][1].c_str()};
}

bool store::progress_exists(pqxx::transaction_base& tx, const place& at,
                            inbox_core::position p) const {
    return exec(tx, exists_, consumer_, at.topic, at.partition, p.epoch, p.next_off)[0][0]
        .as<bool>();
}

void store::add_progress(pqxx::transaction_base& tx, const place& at, inbox_core::position p,
                         const std::string& xid) const {
    const auto r = exec(tx, progress_, consumer_, at.topic, at.partition, p.next_off, p.epoch, xid);
    if (r.affected_rows() == 1) return;
    throw trouble(ended_transaction);
}

void store::admit(pqxx::transaction_base& tx, std::span<const inbound> batch,
                  inbox_core::batch_admission& admission) const {
    if (!admission.to_insert().empty()) insert_ids(tx, batch, admission);
    look_up_ids(tx, admission);
}

void store::insert_ids(pqxx::transaction_base& tx, std::span<const inbound> batch,
                       inbox_core::batch_admission& admission) const {
    sql_array days, ids, buckets, hashes;
    for (const std::size_t i : admission.to_insert()) {
        const auto& m = batch[i].what;
        const auto& id = *admission.id(i);
        days.add(sql_day(id.time()));
        ids.add(id.to_string());
        buckets.add(std::to_string(inbox_core::bucket_of(m.topic, m.key, id)));
        hashes.add(std::to_string(batch[i].payload_hash));
    }
    std::vector<message_id> fresh;
    const auto r =
        exec(tx, insert_ids_, consumer_, days.done(), ids.done(), buckets.done(), hashes.done());
    for (const auto& row : r) fresh.push_back(id_of(row[0]));
    admission.inserted(fresh);
}

void store::look_up_ids(pqxx::transaction_base& tx, inbox_core::batch_admission& admission) const {
    const auto wanted = admission.to_look_up();
    if (wanted.empty()) return;
    sql_array days, ids;
    for (const auto& id : wanted) {
        days.add(sql_day(id.time()));
        ids.add(id.to_string());
    }
    for (const auto& row : exec(tx, known_ids_, consumer_, days.done(), ids.done())) {
        admission.known(id_of(row[0]), row[1].as<std::int64_t>());
    }
}

void store::quarantine(pqxx::transaction_base& tx, const inbound& m,
                       const std::string& reason) const {
    keep_aside(tx, m, "quarantined", {.reason = reason, .attempts = 0});
}

void store::bury(pqxx::transaction_base& tx, const inbound& m,
                 const inbox_core::refusal& why) const {
    if (exec(tx, dead_waiting_, consumer_, dead_letters_max_)[0][0].as<bool>()) {
        throw trouble(fmt::format(
            "{}. It is not dead-lettered, since {} dead letters of this consumer wait already "
            "(dead_letters_max): see `onceward inbox dead list`",
            why.reason, dead_letters_max_));
    }
    keep_aside(tx, m, "refused", why);
}

void store::keep_aside(pqxx::transaction_base& tx, const inbound& m, const char* kind,
                       const inbox_core::refusal& why) const {
    std::vector<header> headers = m.what.headers;
    for (auto& h : headers) h.name = sql_text(h.name, 255);
    const auto id = m.id_header ? std::optional{sql_text(*m.id_header, 255)} : std::nullopt;
    const auto key = sql_bytes(m.what.key);
    const auto sqlstate = why.sqlstate.empty() ? std::nullopt : std::optional{why.sqlstate};
    const auto payload = sql_bytes(m.what.payload);
    const auto r =
        exec(tx, dead_, consumer_, m.what.topic, m.what.partition, m.what.offset, or_null(id),
             or_null(key), sql_text(m.what.type, 255), or_null(payload), encode_headers(headers),
             sql_text(why.reason, 2'000), kind, or_null(sqlstate), why.attempts, m.payload_hash,
             m.what.created_at.time_since_epoch().count());
    if (r[0][0].as<bool>()) return;
    throw trouble(
        "inbox_dead holds another message of this partition and offset; move that "
        "row away, then start again");
}

std::set<place> store::redrive_places(pqxx::transaction_base& tx) const {
    std::set<place> out;
    for (const auto& row : exec(tx, places_, consumer_)) {
        out.insert({row[0].c_str(), row[1].as<std::int32_t>()});
    }
    return out;
}

std::optional<dead_letter> store::next_redrive(pqxx::transaction_base& tx, const place& at) const {
    const auto r = exec(tx, next_, consumer_, at.topic, at.partition);
    if (r.empty()) return std::nullopt;
    const auto row = r[0];
    dead_letter d{.number = row[0].as<std::int64_t>(), .as_new = row[3].as<bool>(), .what = {}};
    auto& m = d.what.what;
    m.topic = at.topic;
    m.partition = at.partition;
    m.offset = row[1].as<std::int64_t>();
    d.what.id_header = row[2].c_str();
    m.id = message_id::parse(*d.what.id_header).value_or(message_id{});
    m.key = optional_bytes(row[4]);
    m.type = row[5].c_str();
    m.payload = optional_bytes(row[6]);
    m.headers = decode_headers(row[7].c_str()).value_or(std::vector<header>{});
    m.created_at = message_id::time_point{std::chrono::milliseconds{row[8].as<std::int64_t>()}};
    m.attempt = row[9].as<int>() + 1;
    d.what.payload_hash = inbox_core::payload_hash(m.payload);
    return d;
}

void store::redrive_done(pqxx::transaction_base& tx, std::int64_t number,
                         const std::string& xid) const {
    if (exec(tx, done_, number, xid).affected_rows() != 1) throw trouble(ended_transaction);
}

void store::redrive_failed(pqxx::transaction_base& tx, std::int64_t number,
                           const inbox_core::refusal& why) const {
    const auto sqlstate = why.sqlstate.empty() ? std::nullopt : std::optional{why.sqlstate};
    exec(tx, failed_, number, sql_text(why.reason, 2'000), or_null(sqlstate));
}

}  // namespace onceward::inbox_io
