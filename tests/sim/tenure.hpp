#pragma once

/// @file
/// One lease's time, wired from the relay's core as the threaded driver does it: a core part and a
/// reader part that take turns, each of which the others can overtake in the middle of a statement.

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "broker.hpp"
#include "cursor_store.hpp"
#include "outbox_reader.hpp"
#include "relay/core/lease_clock.hpp"
#include "relay/core/pipeline.hpp"
#include "relay/core/refusal.hpp"
#include "relay/core/router.hpp"
#include "relay/io/facts.hpp"
#include "relay/ports.hpp"

namespace onceward::sim {

/// A relay's process: what its tenures share.
struct relay_process : process {
    std::int64_t clock_behind = 0;  ///< Its clock stood still for so long.
    std::int64_t paused_until = 0;
};

class tenure {
public:
    using time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::milliseconds>;

    enum class ending : std::uint8_t { drained, cut_short, failed, renewed };

    /// What it has to know of the tenures before it.
    struct heritage {
        std::uint64_t number;    ///< Its own.
        std::size_t one_by_one;  ///< So many events are suspects.
        relay_core::exceptions known;
    };

    tenure(environment& env, pg_server& server, broker& kafka, cursor_store& cursor,
           relay_process& owner, relay_core::lease held, std::int64_t asked_at, heritage inherited);
    ~tenure();
    tenure(const tenure&) = delete;
    tenure& operator=(const tenure&) = delete;

    /// @throws process_killed
    void core_step(bool stopping);
    void reader_step();
    /// A kill: nothing more is produced, whatever its frames do.
    void destroy_producer() { producer_->destroy(); }

    [[nodiscard]] const std::optional<ending>& end() const { return end_; }
    [[nodiscard]] const std::optional<relay_core::refusal>& why() const { return failure_; }
    [[nodiscard]] std::size_t in_flight() const { return pipeline_.in_flight_events(); }
    [[nodiscard]] bool made_progress() const { return acknowledged_ > 0; }
    [[nodiscard]] bool reading() const { return reader_busy_; }
    [[nodiscard]] const relay_core::lease& held() const { return held_; }

private:
    void apply_some_facts();
    void apply(relay_core::fact f);
    void acknowledge(std::uint64_t number, std::size_t events);
    void fail();
    void execute(relay_core::command c);
    void publish(const relay_core::produce& p);
    void produce_event(std::uint64_t number, const relay_core::captured_event& e);
    void checkpoint_if_due();
    void checkpoint();
    void decide_end(bool stopping);
    void maybe_die();
    void check_drained();
    void check_piece(const relay_core::piece& p);
    void advance_hastily(std::uint64_t number, std::size_t events);
    [[nodiscard]] time local_now() const;

    environment& env_;
    pg_server& server_;
    cursor_store& cursor_;
    relay_process& owner_;
    const relay_core::lease held_;
    const reach found_;  ///< The cursor row at its begin.
    const std::uint64_t number_;
    const std::size_t one_by_one_;
    const relay_core::router router_;

    relay_core::lease_clock<time> lease_clock_;
    relay_core::pipeline pipeline_;
    outbox_reader reader_;
    std::unique_ptr<relay_core::capture> capture_;
    std::shared_ptr<producer> producer_;
    std::deque<relay_core::fact> facts_;

    std::string reached_;
    bool credit_ = false;
    bool reader_busy_ = false;
    bool stopping_ = false;
    bool renewing_ = false;

    relay_core::position stored_;
    std::optional<relay_core::position> to_store_;
    bool store_soon_ = false;
    time stored_at_;
    std::optional<time> drain_by_;
    std::optional<relay_core::refusal> failure_;
    std::optional<ending> end_;
    std::size_t unacknowledged_ = 0;
    std::size_t acknowledged_ = 0;

    // Of planted bugs.
    std::vector<std::shared_ptr<relay_core::arena>> kept_;
    std::map<std::uint64_t, std::pair<std::size_t, relay_core::position>> unfinished_;
};

}  // namespace onceward::sim
