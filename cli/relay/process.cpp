#include "relay/process.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "admin/admin_port.hpp"
#include "exit_code.hpp"
#include "pg/connection.hpp"
#include "relay/log_sink.hpp"
#include "relay/service_watch.hpp"

namespace onceward::cli {

namespace {

std::unique_ptr<relay> made_relay(const relay_options& options, log::logger& out) {
    try {
        return std::make_unique<relay>(options, sink_to(out));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
}

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

}  // namespace

relay_process::relay_process(options::table rows, std::function<options::values()> reread,
                             log::logger& out)
    : rows_(std::move(rows)), reread_(std::move(reread)), out_(out) {}

int relay_process::run(relay_setup setup, const std::stop_token& stop) {
    set_up(std::move(setup));
    for (const auto& w : setup_.warnings) out_.write(log::level::warning, w);
    const admin_port admin(setup_.admin, *this, out_);
    auto first = made_relay(setup_.options, out_);
    const auto problems = first->preflight();
    if (!problems.empty()) return refuse(problems);
    start(std::move(first));
    const service_watch watched(
        service_manager_of_environment(), [this] { return look(); }, stop);
    for (;;) {
        switch (next_event(stop)) {
            case event::reload:
                reload(stop);
                continue;
            case event::stop:
            case event::ended:
                break;
        }
        const bool drained = finish();
        report_end(drained);
        return drained ? exit_ok : exit_temporary;
    }
}

void relay_process::set_up(relay_setup setup) {
    const std::lock_guard lock(guard_);
    setup_ = std::move(setup);
}

relay_process::event relay_process::next_event(const std::stop_token& stop) {
    std::unique_lock lock(guard_);
    happened_.wait(lock, stop, [this] { return reload_asked_ || ended_; });
    if (stop.stop_requested()) return event::stop;
    if (ended_) return event::ended;
    reload_asked_ = false;
    return event::reload;
}

/// @return The exit code of a start that cannot work, after saying why.
int relay_process::refuse(const std::vector<std::string>& problems) {
    for (const auto& p : problems) out_.write(log::level::error, p);
    // A server that is away may come back: a supervisor should start this again then.
    const bool reachable = static_cast<bool>(pg::connection::open(setup_.options.database));
    return reachable ? exit_config : exit_unavailable;
}

void relay_process::start(std::unique_ptr<relay> what) {
    const std::lock_guard lock(guard_);
    ended_ = false;
    has_started_ = true;
    now_ = std::make_unique<running_relay>(std::move(what), [this] {
        const std::lock_guard inner(guard_);
        ended_ = true;
        happened_.notify_all();
    });
}

/// Lets the relay drain.
/// @return Whether everything that was read had been acknowledged and stored.
bool relay_process::finish() {
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

void relay_process::reload_soon() {
    const std::lock_guard lock(guard_);
    reload_asked_ = true;
    happened_.notify_all();
}

void relay_process::reload(const std::stop_token& stop) {
    {
        const std::lock_guard lock(guard_);
        ++reloading_.begun;
        reloading_.begun_at = std::chrono::steady_clock::now();
    }
    try_reload(stop);
    const std::lock_guard lock(guard_);
    ++reloading_.ended;
}

/// All or nothing: whatever is wrong with the new configuration, the old one stays in force.
void relay_process::try_reload(const std::stop_token& stop) {
    try {
        auto change = relay_change_of(setup_, reread_(), rows_);
        auto next = made_relay(change.next.options, out_);
        const auto problems = next->preflight();
        if (!problems.empty()) return reject(fmt::format("{}", fmt::join(problems, "; ")));
        replace(std::move(next), std::move(change), stop);
    } catch (const options::bad_option& e) {
        reject(e.what());
    } catch (const stop_with& e) {
        reject(e.what());
    }
}

void relay_process::reject(const std::string& why) {
    out_.write(log::level::error,
               "the configuration was not reloaded, the old one stays in force: " + why);
    const std::lock_guard lock(guard_);
    ++reloads_.failed;
    reloads_.last_succeeded = false;
}

void relay_process::replace(std::unique_ptr<relay> with, relay_change change,
                            const std::stop_token& stop) {
    out_.configure(change.next.log.format, change.next.log.least);
    for (const auto& w : change.next.warnings) out_.write(log::level::warning, w);
    for (const auto& name : change.kept) {
        out_.write(log::level::warning, name + " has changed, but only a restart changes it",
                   {{"option", name}});
    }
    // Also a secret in a file may differ, whose option says the same as before.
    const bool differs = change.next.options != setup_.options;
    if (differs) {
        finish();
        if (stop.stop_requested()) return;
        start(std::move(with));
    }
    set_up(std::move(change.next));
    out_.write(
        log::level::info, "configuration reloaded",
        {{"changed", fmt::format("{}", fmt::join(change.changed, ","))}, {"new_relay", differs}});
    const std::lock_guard lock(guard_);
    ++reloads_.succeeded;
    reloads_.last_succeeded = true;
}

relay_counts relay_process::counts() const {
    const std::lock_guard lock(guard_);
    return now_ ? sum(before_, now_->counts()) : before_;
}

service_look relay_process::look() const {
    auto now = state();
    const std::lock_guard lock(guard_);
    return {.state = std::move(now), .reload = reloading_};
}

relay_state relay_process::state() const {
    const std::lock_guard lock(guard_);
    return now_ ? now_->state() : last_state_;
}

relay_options relay_process::options() const {
    const std::lock_guard lock(guard_);
    return setup_.options;
}

bool relay_process::has_started() const {
    const std::lock_guard lock(guard_);
    return has_started_;
}

reload_counts relay_process::reloads() const {
    const std::lock_guard lock(guard_);
    return reloads_;
}

void relay_process::report_end(bool drained) {
    const relay_counts all = counts();
    const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    out_.write(drained ? log::level::info : log::level::warning,
               drained ? "stopped: everything that was read is published and stored"
                       : "stopped before everything was acknowledged; the next start repeats it",
               {{"read", number(all.read)},
                {"published", number(all.published)},
                {"windows", number(all.windows)},
                {"rebuilds", number(all.rebuilds)}});
}

}  // namespace onceward::cli
