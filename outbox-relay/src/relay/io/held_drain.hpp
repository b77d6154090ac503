#pragma once

/// @file
/// Publishes what waits of held topics, before anything newer of them.

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "onceward/relay.hpp"
#include "relay/core/refusal.hpp"
#include "relay/core/router.hpp"
#include "relay/io/facts.hpp"
#include "relay/io/kafka_sink.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// Runs at a lease's begin, before the first event is read: whatever is read then stands behind
/// what waited. Repeats of a drain that a crash cut off are in the same order.
class held_drain {
public:
    using clock = std::chrono::steady_clock;

    struct counts {
        std::size_t published = 0;
        std::size_t in_flight = 0;
    };

    /// @param renew  Renews the lease when that is due; called between waits of `renew_every`.
    /// @param paused  Whether a person has paused the shard; asked before each chunk.
    held_drain(aside_store& aside, kafka_sink& sink, fact_queue& facts, const lease& held,
               const relay_options& options, std::function<std::optional<failure>()> renew,
               std::function<bool()> paused)
        : aside_(aside),
          sink_(sink),
          facts_(facts),
          lease_(held),
          options_(options),
          renew_(std::move(renew)),
          paused_(std::move(paused)) {}

    /// Publishes what waits of each topic that can be published to again, and releases it from
    /// `routes`. A stop or a pause ends it between two chunks; what is left stays held.
    /// @return What ended it early.
    std::optional<refusal> run(router& routes, const std::stop_token& stop);

    [[nodiscard]] const counts& count() const { return counts_; }

private:
    std::optional<refusal> drain(const std::string& topic, const std::stop_token& stop);
    bool goes_on(const std::stop_token& stop);
    std::optional<refusal> publish(const chunk& c, const std::stop_token& stop);
    std::optional<refusal> next_report();

    aside_store& aside_;
    kafka_sink& sink_;
    fact_queue& facts_;
    const lease& lease_;
    const relay_options& options_;
    std::function<std::optional<failure>()> renew_;
    std::function<bool()> paused_;
    bool halted_ = false;  ///< By a stop or a pause.
    counts counts_;
    chunk in_flight_;  ///< Must outlive the producer's messages.
};

}  // namespace onceward::relay_core
