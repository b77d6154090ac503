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

}  // namespace

std::string status_line(const relay_state& state) {
    std::string line(to_string(state.role));
    if (state.backlog && works(state)) line += ", " + what_waits(*state.backlog);
    if (!state.reason.empty()) line += ": " + state.reason;
    return in_one_line(std::move(line));
}

service_notices::service_notices(std::optional<std::chrono::microseconds> watchdog)
    : half_(watchdog ? std::optional(*watchdog / 2) : std::nullopt) {}

std::string service_notices::due(const relay_state& state, bool stopping, time_point now) const {
    std::string out;
    const auto status = status_line(state);
    if (works(state) && !told_ready_) out += "READY=1\n";
    if (stopping && !told_stopping_) out += "STOPPING=1\n";
    if (status != told_status_) out += "STATUS=" + status + "\n";
    if (watchdog_due(state, now)) out += "WATCHDOG=1\n";
    return out;
}

void service_notices::received(const relay_state& state, bool stopping, time_point now) {
    if (watchdog_due(state, now)) told_alive_at_ = now;
    told_ready_ = told_ready_ || works(state);
    told_stopping_ = told_stopping_ || stopping;
    told_status_ = status_line(state);
}

bool service_notices::watchdog_due(const relay_state& state, time_point now) const {
    if (!half_ || !state.alive()) return false;
    return !told_alive_at_ || now - *told_alive_at_ >= *half_;
}

}  // namespace onceward::cli
