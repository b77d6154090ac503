#pragma once

/// @file
/// One lease's time: capture, publish, acknowledge, checkpoint. The one place that knows the core
/// and the world; a new lease builds everything anew.

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>

#include "onceward/relay.hpp"
#include "relay/core/lease_clock.hpp"
#include "relay/core/pipeline.hpp"
#include "relay/core/refusal.hpp"
#include "relay/core/router.hpp"
#include "relay/io/facts.hpp"
#include "relay/io/held_drain.hpp"
#include "relay/io/kafka_sink.hpp"
#include "relay/io/live_state.hpp"
#include "relay/io/reader.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// The database's side of a lease's time.
struct stores {
    cursor_store& cursor;
    aside_store& aside;
};

/// How a tenure ended.
struct tenure_end {
    enum class kind : std::uint8_t {
        drained,    ///< Asked to stop; all that was read is acknowledged and stored.
        cut_short,  ///< Asked to stop; the bound passed first. A successor repeats some events.
        failed,     ///< `why`; take a fresh look at the lease and go on at the cursor.
        renewed,    ///< Over because something has changed; go on at once with a new one.
    } how;
    std::optional<refusal> why{};
    std::size_t in_flight = 0;   ///< Events in flight when it ended.
    bool made_progress = false;  ///< Some events were acknowledged.
};

class tenure {
public:
    using clock = std::chrono::steady_clock;

    /// @param asked_at    When the lease was asked for.
    /// @param limits      Outlives tenures, so that each need not ask anew.
    /// @param one_by_one  Send that many events in requests of their own, then end; 0: as usual.
    tenure(const relay_options& options, stores db, lease held, clock::time_point asked_at,
           std::size_t one_by_one, message_limits& limits, live_state& live,
           const relay::log_sink& log);

    tenure_end run(std::stop_token stop);

private:
    std::optional<refusal> start(const std::stop_token& stop);
    result<std::unique_ptr<kafka_sink>> open_sink();
    std::optional<refusal> drain_held(const std::stop_token& stop);
    std::optional<tenure_end> step(const std::stop_token& stop);
    void carry_out_commands();
    void take_facts(const std::stop_token& stop, clock::time_point until);
    void apply(fact f);
    void execute(command c);
    void publish(const produce& p);
    void route(const produce& p);
    void hold(const std::vector<event_ref>& events);
    void settle(std::uint64_t number, std::size_t events);
    void measure(std::uint64_t number, const piece& whole);
    void acknowledge(std::uint64_t number, std::size_t events);
    void checkpoint_if_due(clock::time_point now);
    void checkpoint(clock::time_point now);
    void probe_held_topics(clock::time_point now);
    std::optional<tenure_end> ended(clock::time_point now, bool stopping);
    tenure_end close(tenure_end::kind how);
    tenure_end fail();
    tenure_end refused_alone(const std::stop_token& stop, tenure_end end);
    tenure_end stop_at_poison(const std::stop_token& stop, failure why);
    [[nodiscard]] clock::time_point wake_at(bool ending) const;

    const relay_options& options_;
    cursor_store& cursor_;
    aside_store& aside_;
    const lease held_;
    const std::size_t one_by_one_;
    message_limits& limits_;
    live_state& live_;
    live_counts& counts_;
    const relay::log_sink& log_;

    lease_clock<clock::time_point> lease_clock_;
    fact_queue facts_;
    pipeline pipeline_;
    router router_;
    std::unique_ptr<held_drain> drain_;  // before the sink, whose messages point into it
    std::unique_ptr<kafka_sink> sink_;
    std::unique_ptr<reader> reader_;

    position stored_;  ///< What the cursor row says.
    std::optional<position> to_store_;
    bool store_soon_ = false;  ///< Events were acknowledged since the last store.
    clock::time_point stored_at_;
    clock::time_point probe_at_;
    bool renewing_ = false;  ///< It is to end, and another one to go on.
    std::optional<clock::time_point> drain_by_;
    std::optional<refusal> failure_;
    std::map<std::uint64_t, clock::time_point> produced_at_;  ///< Pieces that are all published.
    std::size_t unacknowledged_ = 0;
    std::size_t acknowledged_ = 0;
    std::string reported_;  ///< The reason that the cursor row shows.
    std::vector<std::shared_ptr<arena>> kept_by_plant_;
};

}  // namespace onceward::relay_core
