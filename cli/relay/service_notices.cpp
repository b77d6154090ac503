#include "relay/service_notices.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::cli {

namespace {

/// Has it ever come so far that it does its work, or stands ready to?
bool works(const relay_state& state) {
    return state.role != relay_role::connecting;
}

std::string what_waits(const relay_backlog& b) {
    if (b.pending_events == 0) return "nothing waits";
    return fmt::format("{}{} events wait, the oldest for {:.0f} s", b.pending_is_more ? ">" : "",
                       b.pending_events, b.oldest_pending_s);
}

/// A reason may have several lines, of which the later ones would be taken for assignments.
std::string in_one_line(std::string text) {
    std::ranges::replace_if(
        text, [](unsigned char c) { return c < ' '; }, ' ');
    return text;
}

/// steady_clock is CLOCK_MONOTONIC, of which the manager compares the time with that of its signal.
std::string reloading_since(std::chrono::steady_clock::time_point t) {
    const auto since = std::chrono::ceil<std::chrono::microseconds>(t.time_since_epoch());
    return fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", since.count());
}

}  // namespace

std::string status_line(const relay_state& state) {
    std::string line(to_string(state.role));
    if (state.backlog && works(state)) line += ", " + what_waits(*state.backlog);
    if (!state.reason.empty()) line += ": " + state.reason;
    return in_one_line(std::move(line));
}

service_notices::service_notices(std::optional<std::chrono::microseconds> watchdog)
    : half_(watchdog ? std::optional(*watchdog / 2) : std::nullopt) {}

std::string service_notices::due(const service_look& at, time_point now) const {
    std::string out;
    const auto status = status_line(at.state);
    if (reloading_due(at)) out += reloading_since(at.reload.begun_at);
    if (ready_due(at)) out += "READY=1\n";
    if (at.stopping && !told_stopping_) out += "STOPPING=1\n";
    if (status != told_status_) out += "STATUS=" + status + "\n";
    if (watchdog_due(at.state, now)) out += "WATCHDOG=1\n";
    return out;
}

void service_notices::received(const service_look& at, time_point now) {
    if (watchdog_due(at.state, now)) told_alive_at_ = now;
    if (reloading_due(at)) {
        told_reloading_ = true;
        told_reload_ = at.reload.begun;
    } else if (ready_due(at)) {
        if (!told_ready_) told_reload_ = at.reload.ended;
        told_ready_ = true;
        told_reloading_ = false;
    }
    told_stopping_ = told_stopping_ || at.stopping;
    told_status_ = status_line(at.state);
}

/// Not before the start is through, which a reload is then a part of.
bool service_notices::reloading_due(const service_look& at) const {
    return told_ready_ && at.reload.begun > told_reload_;
}

bool service_notices::ready_due(const service_look& at) const {
    if (reloading_due(at)) return false;
    return told_ready_ ? told_reloading_ && at.reload.ended == at.reload.begun : works(at.state);
}

bool service_notices::watchdog_due(const relay_state& state, time_point now) const {
    if (!half_ || !state.alive()) return false;
    return !told_alive_at_ || now - *told_alive_at_ >= *half_;
}

}  // namespace onceward::cli
