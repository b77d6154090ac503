/// @file
/// A lease's time begins: what must not be published, the producer, what waits of held topics.

#include <utility>

#include "relay/io/kafka_statistics.hpp"
#include "relay/io/pause_reason.hpp"
#include "relay/io/sessions.hpp"
#include "relay/io/tenure.hpp"

namespace onceward::relay_core {

using level = relay_log_line::level;

/// What waits of held topics comes first; only then is anything newer read.
std::optional<refusal> tenure::start(const std::stop_token& stop) {
    auto known = aside_.load();
    if (!known) return refusal{.why = known.error()};
    router_ = router(std::move(*known));
    auto sink = open_sink();
    if (!sink) return refusal{.why = sink.error()};
    sink_ = std::move(*sink);
    if (auto r = drain_held(stop)) return r;
    reader_ = std::make_unique<reader>(options_, held_, facts_, live_, log_);
    return std::nullopt;
}

result<std::unique_ptr<kafka_sink>> tenure::open_sink() {
    sink_reports reports{
        .acknowledged =
            [this](std::uint64_t number, std::size_t n) {
                facts_.push(events_acknowledged{number, n});
            },
        .failed = [this](refusal what) { facts_.push(sink_failed{std::move(what)}); },
        .trouble = [this](std::string reason) { facts_.push(sink_in_trouble{std::move(reason)}); },
        .statistics = [this](std::string_view json) { live_.statistics(read_statistics(json)); }};
    const auto pin = [this](const std::string& topic, int found) -> result<int> {
        auto pinned = cursor_.pin_partitions(topic, found);
        if (!pinned || *pinned == found) return pinned;
        return failure{
            .next = verdict::transient,
            .message =
                "topic " + topic + " has " + std::to_string(found) + " partitions, but " +
                std::to_string(*pinned) +
                " when it was first published to: publishing on would "
                "move keys and break their order; see docs/operations.md, \"More partitions\"",
            .origin = "topic_pin"};
    };
    return kafka_sink::open(options_, one_by_one_ > 0, std::move(reports), pin, limits_);
}

std::optional<refusal> tenure::drain_held(const std::stop_token& stop) {
    if (router_.held_topics().empty()) {
        counts_.held_now = 0;
        return std::nullopt;
    }
    const auto renew = [this]() -> std::optional<failure> {
        live_.tick(options_.lease_ttl + io_bound);
        checkpoint_if_due(clock::now());
        return failure_ ? std::optional(failure_->why) : std::nullopt;
    };
    // Who cannot be asked might have paused.
    const auto paused = [this] {
        const auto reason = pause_reason(options_);
        return !reason || !reason->empty();
    };
    drain_ = std::make_unique<held_drain>(aside_, *sink_, facts_, held_, options_, renew, paused);
    auto ended_early = drain_->run(router_, stop);
    acknowledged_ += drain_->count().published;
    counts_.published += drain_->count().published;
    if (ended_early) return ended_early;
    auto left = aside_.count_held();
    if (!left) return refusal{.why = left.error()};
    counts_.held_now = *left;
    return std::nullopt;
}

/// A held topic that can be published to again ends this tenure: the next one begins with what
/// waits of it.
void tenure::probe_held_topics(clock::time_point now) {
    probe_at_ = now + options_.hold_grace;
    if (live_.look().role == relay_role::paused) return;
    for (const auto& topic : router_.held_topics()) {
        if (!sink_->can_publish_to(topic)) continue;
        log_({level::info, "a held topic can be published to again", {{"topic", topic}}});
        renewing_ = true;
        return;
    }
}

}  // namespace onceward::relay_core
