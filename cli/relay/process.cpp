#include "relay/process.hpp"

#include <utility>

#include <fmt/format.h>

#include "admin/admin_port.hpp"
#include "exit_code.hpp"
#include "pg/connection.hpp"
#include "relay/service_watch.hpp"

namespace onceward::cli {

namespace {

bool is_one_of_several(const relay_setup& s) {
    return s.outboxes.size() > 1 || !s.outboxes.front().name.empty();
}

}  // namespace

relay_process::relay_process(options::table rows, std::function<options::values()> reread,
                             log::logger& out)
    : rows_(std::move(rows)), reread_(std::move(reread)), out_(out) {}

int relay_process::run(relay_setup setup, const std::stop_token& stop) {
    setup_ = std::move(setup);
    for (const auto& w : setup_.warnings) out_.write(log::level::warning, w);
    make_outboxes(setup_.outboxes);
    const admin_port admin(setup_.admin, *this, out_);
    auto first = made(setup_);
    // Several look for themselves: one whose database is away holds up no other.
    if (!is_one_of_several(setup_)) {
        const auto problems = first.front()->preflight();
        if (!problems.empty()) return refuse(problems);
    }
    for (std::size_t i = 0; i < first.size(); ++i)
        start(i, std::move(first[i]), setup_.outboxes[i].options);
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

void relay_process::make_outboxes(const std::vector<outbox_setup>& of) {
    for (const auto& o : of) outboxes_.push_back(std::make_unique<relayed_outbox>(o, out_));
}

/// A relay for each outbox, none of which is started.
relay_process::relays relay_process::made(const relay_setup& setup) const {
    relays all;
    for (std::size_t i = 0; i < outboxes_.size(); ++i)
        all.push_back(outboxes_[i]->made(setup.outboxes[i].options));
    return all;
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
    const bool reachable =
        static_cast<bool>(pg::connection::open(setup_.outboxes.front().options.database));
    return reachable ? exit_config : exit_unavailable;
}

void relay_process::start(std::size_t number, std::unique_ptr<relay> what,
                          const relay_options& options) {
    {
        const std::lock_guard lock(guard_);
        ended_ = false;
    }
    outboxes_[number]->start(std::move(what), options, [this] {
        const std::lock_guard inner(guard_);
        ended_ = true;
        happened_.notify_all();
    });
}

/// Lets all relays drain, at the same time.
/// @return Whether everything that was read had been acknowledged and stored.
bool relay_process::finish() {
    bool drained = true;
    for (const auto& o : outboxes_) o->request_stop();
    for (const auto& o : outboxes_) drained = o->finish() && drained;
    return drained;
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
        auto next = made(change.next);
        // Of several only those that change: another one's database may be away.
        std::vector<std::string> problems;
        for (const auto i :
             is_one_of_several(setup_) ? differing(change.next) : std::vector<std::size_t>{0}) {
            const auto more = next[i]->preflight();
            problems.insert(problems.end(), more.begin(), more.end());
        }
        if (!problems.empty()) return reject(fmt::format("{}", fmt::join(problems, "; ")));
        replace(std::move(next), std::move(change), stop);
    } catch (const options::bad_option& e) {
        reject(e.what());
    } catch (const stop_with& e) {
        reject(e.what());
    }
}

/// The outboxes whose options are others in `next`. Also a secret in a file may differ, whose
/// option says the same as before.
std::vector<std::size_t> relay_process::differing(const relay_setup& next) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < outboxes_.size(); ++i) {
        if (next.outboxes[i].options != setup_.outboxes[i].options) found.push_back(i);
    }
    return found;
}

void relay_process::reject(const std::string& why) {
    out_.write(log::level::error,
               "the configuration was not reloaded, the old one stays in force: " + why);
    const std::lock_guard lock(guard_);
    ++reloads_.failed;
    reloads_.last_succeeded = false;
}

void relay_process::replace(relays with, relay_change change, const std::stop_token& stop) {
    out_.configure(change.next.log.format, change.next.log.least);
    for (const auto& w : change.next.warnings) out_.write(log::level::warning, w);
    for (const auto& name : change.kept) {
        out_.write(log::level::warning, name + " has changed, but only a restart changes it",
                   {{"option", name}});
    }
    const auto changing = differing(change.next);
    for (const auto i : changing) outboxes_[i]->request_stop();
    for (const auto i : changing) {
        outboxes_[i]->finish();
        if (stop.stop_requested()) return;
        start(i, std::move(with[i]), change.next.outboxes[i].options);
    }
    setup_ = std::move(change.next);
    out_.write(log::level::info, "configuration reloaded",
               {{"changed", fmt::format("{}", fmt::join(change.changed, ","))},
                {"new_relay", !changing.empty()}});
    const std::lock_guard lock(guard_);
    ++reloads_.succeeded;
    reloads_.last_succeeded = true;
}

std::vector<outbox_facts> relay_process::outboxes() const {
    std::vector<outbox_facts> all;
    for (const auto& o : outboxes_) all.push_back(o->look());
    return all;
}

service_look relay_process::look() const {
    auto now = overall(outboxes());
    const std::lock_guard lock(guard_);
    return {.state = std::move(now), .reload = reloading_};
}

reload_counts relay_process::reloads() const {
    const std::lock_guard lock(guard_);
    return reloads_;
}

void relay_process::report_end(bool drained) {
    relay_counts all;
    for (const auto& o : outboxes()) {
        all.read += o.counts.read;
        all.published += o.counts.published;
        all.windows += o.counts.windows;
        all.rebuilds += o.counts.rebuilds;
    }
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
