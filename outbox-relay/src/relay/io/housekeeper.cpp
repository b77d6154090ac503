#include "relay/io/housekeeper.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "relay/io/pause.hpp"
#include "relay/io/replication_slot.hpp"
#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

namespace {

constexpr std::chrono::milliseconds pause_min{500};
constexpr std::chrono::milliseconds pause_max{60'000};

}  // namespace

housekeeper::housekeeper(const relay_options& options, const relay::log_sink& log)
    : options_(options), log_(log), thread_([this](std::stop_token stop) { run(stop); }) {}

void housekeeper::run(std::stop_token stop) {
    while (!stop.stop_requested()) {
        const auto next = go_round();
        if (!next) {
            log_({level::warning,
                  "the outbox was not cleaned: " + next.error().message,
                  {{"origin", next.error().origin}}});
        }
        pause(stop, next ? *next : pause_max);
    }
}

/// A slot that the other engine has left would hold back WAL for ever.
void housekeeper::drop_slot(pg::connection& session) {
    auto dropped = drop_left_slot(session, options_);
    if (!dropped) {
        log_({level::error,
              "a replication slot of the WAL engine holds back WAL and cannot be dropped: " +
                  dropped.error().message + "; drop it with pg_drop_replication_slot",
              {{"origin", dropped.error().origin}}});
    } else if (!dropped->empty()) {
        log_({level::info, "the WAL engine's slot is dropped", {{"slot", *dropped}}});
    }
}

result<std::chrono::milliseconds> housekeeper::go_round() {
    auto session = open_cursor_session(options_);
    if (!session) return session.error();
    auto ring = session->exec(
        fmt::format("SELECT slots, slot_seconds FROM {}.outbox_ring", options_.schema), {});
    if (!ring) return ring.error();
    for (int slot = 0; slot < ring->integer(0, 0); ++slot) {
        auto r =
            session->exec(fmt::format("SELECT {}.outbox_clean_slot($1::smallint)", options_.schema),
                          {std::to_string(slot)});
        if (!r) return r.error();
        if (r->text(0, 0) != "truncated") continue;
        log_({level::info, "acknowledged events truncated", {{"slot", std::to_string(slot)}}});
    }
    if (options_.capture == capture_engine::poll) drop_slot(*session);
    auto forgotten = session->exec(
        fmt::format("SELECT {}.outbox_forget_tombstones($1::smallint)", options_.schema),
        {std::to_string(options_.shard)});
    if (!forgotten) return forgotten.error();
    const std::chrono::milliseconds quarter{ring->integer(0, 1) * 250};
    return std::clamp(quarter, pause_min, pause_max);
}

}  // namespace onceward::relay_core
