#include "relay/relayed_outbox.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exit_code.hpp"
#include "relay/log_sink.hpp"
#include "relay/service_notices.hpp"

namespace onceward::cli {

namespace {

relay_histograms sum(relay_histograms ended, const relay_histograms& now) {
    ended.end_to_end += now.end_to_end;
    ended.publish += now.publish;
    ended.checkpoint += now.checkpoint;
    ended.batch += now.batch;
    return ended;
}

relay_counts sum(const relay_counts& ended, const relay_counts& now) {
    return {.read = ended.read + now.read,
            .published = ended.published + now.published,
            .windows = ended.windows + now.windows,
            .rebuilds = ended.rebuilds + now.rebuilds,
            .leases = ended.leases + now.leases,
            .in_flight_bytes = now.in_flight_bytes,
            .dead_lettered = ended.dead_lettered + now.dead_lettered,
            .held = ended.held + now.held,
            .held_now = now.held_now,
            .histograms = sum(ended.histograms, now.histograms)};
}

bool works_or_says_why_not(const outbox_facts& f) {
    return f.state.role != relay_role::connecting || !f.state.reason.empty();
}

}  // namespace

relayed_outbox::relayed_outbox(outbox_setup setup, log::logger& out)
    : out_(out), setup_(std::move(setup)) {}

std::unique_ptr<relay> relayed_outbox::made(const relay_options& options) const {
    try {
        return std::make_unique<relay>(options, sink_to(out_, setup_.name));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, setup_.name.empty()
                                         ? e.what()
                                         : fmt::format("outbox {}: {}", setup_.name, e.what()));
    }
}

void relayed_outbox::start(std::unique_ptr<relay> what, relay_options options,
                           std::function<void()> ended) {
    const std::lock_guard lock(guard_);
    setup_.options = std::move(options);
    has_started_ = true;
    const auto then = setup_.name.empty() ? on_failure::end : on_failure::try_again;
    now_ = std::make_unique<running_relay>(
        std::move(what), then,
        relay_listener{.ended = std::move(ended),
                       .failed = [this, name = setup_.name](const std::string& why) {
                           out_.write(log::level::error,
                                      "an outbox is not served, the others are: " + why,
                                      {{"outbox", name}});
                       }});
}

void relayed_outbox::request_stop() {
    const std::lock_guard lock(guard_);
    if (now_) now_->request_stop();
}

bool relayed_outbox::finish() {
    if (!now_) return drained_;
    now_->request_stop();
    drained_ = now_->drained();
    const std::lock_guard lock(guard_);
    before_ = sum(before_, now_->counts());
    before_.in_flight_bytes = before_.held_now = 0;
    last_state_ = now_->state();
    now_.reset();
    return drained_;
}

outbox_facts relayed_outbox::look() const {
    const std::lock_guard lock(guard_);
    if (!now_) return {setup_, before_, last_state_, has_started_};
    return {setup_, sum(before_, now_->counts()), now_->state(), now_->checks_passed()};
}

relay_state overall(const std::vector<outbox_facts>& all) {
    if (all.size() == 1) return all.front().state;
    const auto dead = std::ranges::find_if(all, [](const auto& f) { return !f.state.alive(); });
    auto one = dead != all.end() ? dead->state : all.front().state;
    const bool leads =
        std::ranges::any_of(all, [](const auto& f) { return f.state.role == relay_role::leader; });
    one.role = leads ? relay_role::leader : relay_role::standby;
    if (!std::ranges::all_of(all, works_or_says_why_not)) one.role = relay_role::connecting;
    one.backlog.reset();
    std::vector<std::string> lines;
    for (const auto& f : all) lines.push_back(f.setup.name + ' ' + status_line(f.state));
    one.reason = fmt::format("{}", fmt::join(lines, "; "));
    return one;
}

}  // namespace onceward::cli
