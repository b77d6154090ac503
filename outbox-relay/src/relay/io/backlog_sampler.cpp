#include "relay/io/backlog_sampler.hpp"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "relay/io/pause.hpp"
#include "relay/io/sessions.hpp"
#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

constexpr std::int64_t counted_max = 100'000;

result<done> count_pending(pg::connection& c, const relay_options& o, relay_backlog& b) {
    auto cursor =
        c.exec(fmt::format("SELECT bucket_from, bucket_to, lo, coalesce(hi, lo), done_seq FROM "
                           "{}.relay_cursor WHERE shard = $1::smallint",
                           o.schema),
               {std::to_string(o.shard)});
    if (!cursor) return cursor.error();
    if (cursor->empty()) return done{};
    auto r = c.exec(
        pg::for_schema(sql::text("queries/backlog.sql"), o.schema),
        {cursor->optional_text(0, 0), cursor->optional_text(0, 1), cursor->optional_text(0, 2),
         cursor->optional_text(0, 3), cursor->optional_text(0, 4), std::to_string(counted_max)});
    if (!r) return r.error();
    b.pending_events = r->integer(0, 0);
    b.pending_is_more = b.pending_events >= counted_max;
    b.oldest_pending_s = std::strtod(std::string(r->text(0, 1)).c_str(), nullptr);
    return done{};
}

result<std::int64_t> number(pg::connection& c, const std::string& sql,
                            std::initializer_list<pg::text_value> params) {
    auto r = c.exec(sql, params);
    if (!r) return r.error();
    return r->integer(0, 0);
}

}  // namespace

backlog_sampler::backlog_sampler(const relay_options& options, live_state& live,
                                 const relay::log_sink& log)
    : options_(options),
      live_(live),
      log_(log),
      thread_([this](std::stop_token stop) { run(stop); }) {}

void backlog_sampler::run(std::stop_token stop) {
    bool failed_before = false;
    while (!stop.stop_requested()) {
        auto seen = look();
        if (seen) live_.backlog(*seen);
        if (seen) watch_disk(*seen);
        if (!seen && !failed_before) {
            log_({relay_log_line::level::warning,
                  "the backlog could not be looked at: " + seen.error().message,
                  {{"origin", seen.error().origin}}});
        }
        failed_before = !seen;
        pause(stop, options_.sample_interval);
    }
}

/// Says once that the limit is passed, and once that it is not any more.
void backlog_sampler::watch_disk(const relay_backlog& b) {
    const bool over = b.table_bytes > b.table_bytes_limit;
    if (over == std::exchange(over_limit_, over)) return;
    log_({over ? relay_log_line::level::error : relay_log_line::level::info,
          over ? "the outbox is larger on disk than its limit; nothing is dropped, but find out "
                 "what keeps it: onceward status"
               : "the outbox is within its limit on disk again",
          {{"bytes", std::to_string(b.table_bytes)},
           {"limit_bytes", std::to_string(b.table_bytes_limit)}}});
}

result<relay_backlog> backlog_sampler::look() {
    auto session = open_sampler_session(options_);
    if (!session) return session.error();
    relay_backlog b{.sampled_at = std::chrono::system_clock::now()};
    if (auto r = count_pending(*session, options_, b); !r) return r.error();
    const auto dead =
        number(*session,
               fmt::format("SELECT count(*) FROM (SELECT FROM {}.outbox_dead WHERE state = 'dead' "
                           "AND shard = $1::smallint LIMIT {}) d",
                           options_.schema, counted_max),
               {std::to_string(options_.shard)});
    if (!dead) return dead.error();
    auto disk =
        session->exec(pg::for_schema(sql::text("queries/outbox_disk.sql"), options_.schema), {});
    if (!disk) return disk.error();
    auto slot = session->exec(pg::for_schema(sql::text("queries/slot_bytes.sql"), options_.schema),
                              {std::to_string(options_.shard)});
    if (!slot) return slot.error();
    if (!slot->empty()) b.slot_bytes = slot->integer(0, 0);
    b.dead_events = *dead;
    b.table_bytes = disk->integer(0, 0);
    b.table_bytes_limit = disk->integer(0, 1);
    return b;
}

}  // namespace onceward::relay_core
