#include "onceward/relay.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include <fmt/format.h>

#include "faults/faults.hpp"
#include "pg/connection.hpp"
#include "relay/core/backoff.hpp"
#include "relay/core/refusal.hpp"
#include "relay/io/backlog_sampler.hpp"
#include "relay/io/housekeeper.hpp"
#include "relay/io/live_state.hpp"
#include "relay/io/pause.hpp"
#include "relay/io/pg_aside_store.hpp"
#include "relay/io/pg_cursor_store.hpp"
#include "relay/io/preflight.hpp"
#include "relay/io/producer_config.hpp"
#include "relay/io/sessions.hpp"
#include "relay/io/tenure.hpp"
#include "relay/io/topic_limits.hpp"

namespace onceward {

using relay_core::pause;
using relay_core::tenure;
using relay_core::tenure_end;
using level = relay_log_line::level;

namespace {

void check(const relay_options& o) {
    const auto require = [](bool good, const char* rule) {
        if (!good) throw std::invalid_argument(std::string("relay_options: ") + rule);
    };
    pg::checked_identifier(o.schema);
    require(!o.brokers.empty(), "brokers must not be empty");
    require(!o.name.empty(), "name must not be empty");
    require(o.lease_ttl >= std::chrono::milliseconds(500), "lease_ttl must be at least 500 ms");
    require(o.poll_min.count() >= 1 && o.poll_min <= o.poll_max,
            "poll_min must be 1 ms to poll_max");
    require(o.piece_events >= 1, "piece_events must be at least 1");
    require(o.piece_bytes >= 1 && o.piece_bytes <= o.in_flight_bytes,
            "piece_bytes must be 1 to in_flight_bytes");
    require(o.retry_min.count() >= 1 && o.retry_min <= o.retry_max,
            "retry_min must be 1 ms to retry_max");
    require(o.sample_interval >= std::chrono::milliseconds(10),
            "sample_interval must be at least 10 ms");
    require(o.hold_grace >= std::chrono::milliseconds(100), "hold_grace must be at least 100 ms");
    const std::string problem = relay_core::problem_with_properties(o);
    if (!problem.empty()) throw std::invalid_argument(problem);
}

/// The configured name and something that no other process has: two relays of one name must not
/// take each other for themselves.
std::string unique_owner(const std::string& name) {
    std::random_device dice;
    return fmt::format("{}/{:08x}", name, dice());
}

/// Whether the database is away: refused or broken connections, a server that starts or ends.
bool has_lost_database(const failure& why) {
    return why.origin.starts_with("connect") || why.origin.starts_with("sqlstate:57P0") ||
           why.origin.starts_with("sqlstate:08");
}

}  // namespace

class relay::impl {
public:
    impl(relay_options options, log_sink log)
        : options_(std::move(options)),
          log_(log ? std::move(log) : [](const relay_log_line&) {}),
          owner_(unique_owner(options_.name)),
          backoff_(options_.retry_min, options_.retry_max),
          limits_(options_, log_),
          grace_(options_.hold_grace) {
        check(options_);
    }

    bool run(const std::stop_token& stop) {
        const relay_core::backlog_sampler sampling(options_, live_, log_);
        while (!stop.stop_requested()) {
            if (auto drained = serve_one_session(stop)) return *drained;
        }
        return !unfinished_;
    }

    const relay_options options_;
    relay_core::live_state live_;

private:
    /// Takes leases over one cursor session until it breaks.
    /// @return How the relay was stopped; empty when the session is of no more use.
    std::optional<bool> serve_one_session(const std::stop_token& stop) {
        live_.tick(relay_core::io_bound);
        auto session = relay_core::open_cursor_session(options_);
        if (!session) return retry_later(session.error(), stop);
        relay_core::pg_cursor_store cursor(*session, options_, owner_);
        relay_core::pg_aside_store aside(*session, options_);
        live_.database({.now = relay_connection::reach::up});
        while (!stop.stop_requested()) {
            live_.tick(relay_core::io_bound);
            const auto asked_at = tenure::clock::now();
            auto lease = cursor.acquire(last_lease_id_);
            if (!lease) return retry_later(lease.error(), stop);
            if (lease->id.empty()) {
                stand_by(stop);
                if (stop.stop_requested()) return true;  // what it left is the holder's
                continue;
            }
            const auto end = hold({cursor, aside}, *lease, asked_at, stop);
            if (end.how == tenure_end::kind::drained) return true;
            if (end.how == tenure_end::kind::cut_short) return false;
            if (end.how == tenure_end::kind::renewed) continue;
            if (!end.why->topic.empty()) {
                if (wait_or_hold({cursor, aside}, *lease, *end.why, stop)) continue;
                return std::nullopt;
            }
            if (end.why->why.origin != "fenced" && end.why->why.origin != "connection") {
                static_cast<void>(cursor.report(*lease, false, end.why->why.message));
            }
            return retry_later(end.why->why, stop);
        }
        return std::nullopt;
    }

    tenure_end hold(relay_core::stores db, const relay_core::lease& lease,
                    tenure::clock::time_point asked_at, const std::stop_token& stop) {
        faults::crash_point("relay.after_lease");
        last_lease_id_ = lease.id;
        standing_by_ = false;
        live_.become(relay_role::leader, lease.reason);
        ++live_.counts.leases;
        log_({level::info,
              "lease taken",
              {{"shard", std::to_string(options_.shard)},
               {"epoch", std::to_string(lease.epoch)},
               {"incarnation", lease.incarnation},
               {"owner", owner_}}});
        const relay_core::housekeeper cleaning(options_, log_);
        auto end = tenure(options_, db, lease, asked_at, suspects_.count(), limits_, live_, log_)
                       .run(stop);
        unfinished_ = end.in_flight > 0;
        suspects_.tenure_ended(end.why, end.in_flight);
        if (end.how == tenure_end::kind::failed) ++live_.counts.rebuilds;
        if (end.made_progress) backoff_.reset();
        return end;
    }

    /// A topic is in trouble: for a short time all wait for it, then its events wait alone.
    /// @return Whether the session is still of use.
    bool wait_or_hold(relay_core::stores db, const relay_core::lease& lease,
                      const relay_core::refusal& why, const std::stop_token& stop) {
        if (!grace_.over(why.topic, tenure::clock::now())) {
            static_cast<void>(db.cursor.report(lease, false, why.why.message));
            retry_later(why.why, stop, grace_.pause_max());
            return true;
        }
        if (auto held = db.aside.hold_topic(lease, why.topic, why.why.message); !held) {
            retry_later(held.error(), stop);
            return false;
        }
        log_({level::error,
              "a topic is held: its events wait apart, other topics go on",
              {{"topic", why.topic}, {"reason", why.why.message}}});
        return true;
    }

    void stand_by(const std::stop_token& stop) {
        live_.become(relay_role::standby);
        if (!std::exchange(standing_by_, true)) {
            log_({level::info,
                  "standing by: another relay holds the lease",
                  {{"shard", std::to_string(options_.shard)}, {"owner", owner_}}});
        }
        live_.tick(options_.lease_ttl / 10 + relay_core::io_bound);
        pause(stop, options_.lease_ttl / 10);
    }

    std::optional<bool> retry_later(
        const failure& why, const std::stop_token& stop,
        std::chrono::milliseconds at_most = std::chrono::milliseconds::max()) {
        const auto length = std::min(backoff_.pause(), at_most);
        const bool disconnected = has_lost_database(why);
        if (disconnected) live_.database({relay_connection::reach::down, why.message});
        live_.in_trouble(why.message, disconnected || why.origin == "fenced");
        live_.tick(length + relay_core::io_bound);
        log_({why.next == verdict::fatal && why.origin != "fenced" ? level::error : level::warning,
              why.message,
              {{"origin", why.origin}, {"retry_ms", std::to_string(length.count())}}});
        pause(stop, length);
        return std::nullopt;
    }

    const log_sink log_;
    const std::string owner_;
    relay_core::backoff backoff_;
    std::string last_lease_id_;
    relay_core::suspects suspects_;
    relay_core::topic_limits limits_;
    relay_core::topic_grace grace_;
    bool standing_by_ = false;
    bool unfinished_ = false;  ///< The last tenure had read events that are not acknowledged.
};

relay::relay(relay_options options, log_sink log)
    : impl_(std::make_unique<impl>(std::move(options), std::move(log))) {}

relay::~relay() = default;

std::vector<std::string> relay::preflight() const {
    return relay_core::find_problems(impl_->options_);
}

bool relay::run(std::stop_token stop) {
    return impl_->run(stop);
}

relay_counts relay::counts() const {
    const auto& c = impl_->live_.counts;
    return {.read = c.read,
            .published = c.published,
            .windows = c.windows,
            .rebuilds = c.rebuilds,
            .leases = c.leases,
            .in_flight_bytes = c.in_flight_bytes,
            .dead_lettered = c.dead_lettered,
            .held = c.held,
            .held_now = c.held_now,
            .streams = c.streams,
            .slots_lost = c.slots_lost,
            .histograms = impl_->live_.histograms.read()};
}

relay_state relay::state() const {
    return impl_->live_.look();
}

std::string_view to_string(relay_role r) {
    switch (r) {
        case relay_role::connecting:
            return "connecting";
        case relay_role::standby:
            return "standby";
        case relay_role::leader:
            return "leader";
        case relay_role::paused:
            return "paused";
        case relay_role::stopped:
            return "stopped";
    }
    return "";
}

}  // namespace onceward
