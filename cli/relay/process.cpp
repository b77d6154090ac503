#include "relay/process.hpp"

#include <stdexcept>
#include <utility>

#include "exit_code.hpp"
#include "pg/connection.hpp"
#include "relay/log_sink.hpp"
#include "relay/service_watch.hpp"

namespace onceward::cli {

namespace {

relay made_relay(const relay_options& options, log::logger& out) {
    try {
        return relay(options, sink_to(out));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
}

}  // namespace

relay_process::relay_process(relay_setup setup, log::logger& out)
    : setup_(std::move(setup)), out_(out) {}

int relay_process::run(const std::stop_token& stop) {
    for (const auto& w : setup_.warnings) out_.write(log::level::warning, w);
    relay r = made_relay(setup_.options, out_);
    const auto problems = r.preflight();
    if (!problems.empty()) return refuse(problems);

    const service_watch watched(
        service_manager_of_environment(), [&r] { return r.state(); }, stop);
    const bool drained = r.run(stop);
    report_end(r.counts(), drained);
    return drained ? exit_ok : exit_temporary;
}

/// @return The exit code of a start that cannot work, after saying why.
int relay_process::refuse(const std::vector<std::string>& problems) {
    for (const auto& p : problems) out_.write(log::level::error, p);
    // A server that is away may come back: a supervisor should start this again then.
    const bool reachable = static_cast<bool>(pg::connection::open(setup_.options.database));
    return reachable ? exit_config : exit_unavailable;
}

void relay_process::report_end(const relay_counts& counts, bool drained) {
    const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    out_.write(drained ? log::level::info : log::level::warning,
               drained ? "stopped: everything that was read is published and stored"
                       : "stopped before everything was acknowledged; the next start repeats it",
               {{"read", number(counts.read)},
                {"published", number(counts.published)},
                {"windows", number(counts.windows)},
                {"rebuilds", number(counts.rebuilds)}});
}

}  // namespace onceward::cli
