#include "relay.hpp"

#include <csignal>
#include <stdexcept>

#include <CLI/App.hpp>
#include <fmt/format.h>

#include "common.hpp"
#include "exit_code.hpp"
#include "kafka_properties.hpp"
#include "onceward/relay.hpp"
#include "relay_settings.hpp"
#include "signals.hpp"

namespace onceward::cli {

namespace {

relay_options checked_options(const options::values& values) {
    if (values.text("brokers").empty()) {
        throw stop_with(exit_config, "brokers is not set: give --brokers or ONCEWARD_BROKERS");
    }
    try {
        return relay_options_of(values,
                                read_kafka_properties(values.list("kafka"), process_variables()));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_usage, e.what());
    }
}

void warn(log::logger& out, const options::values& values) {
    const std::string warning = password_warning(values);
    if (!warning.empty()) out.write(log::level::warning, warning);
    for (const auto& [property, value] : read_kafka_properties(values.list("kafka"), {})) {
        if (!is_secret(property)) continue;
        out.write(log::level::warning,
                  "a secret is on the command line, where other users of this machine can read it; "
                  "give it in an ONCEWARD_KAFKA_* variable instead",
                  {{"property", property}});
    }
}

log::level level_of(relay_log_line::level l) {
    switch (l) {
        case relay_log_line::level::debug:
            return log::level::debug;
        case relay_log_line::level::info:
            return log::level::info;
        case relay_log_line::level::warning:
            return log::level::warning;
        case relay_log_line::level::error:
            return log::level::error;
    }
    return log::level::error;
}

relay::log_sink sink_to(log::logger& out) {
    return [&out](const relay_log_line& line) {
        std::vector<log::field> fields;
        for (const auto& [name, value] : line.fields) fields.push_back({name, value});
        out.write(level_of(line.severity), line.message, std::move(fields));
    };
}

relay made_relay(const relay_options& options, log::logger& out) {
    try {
        return relay(options, sink_to(out));
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_config, e.what());
    }
}

/// @return The exit code of a start that cannot work, after saying why.
int refuse(log::logger& out, const std::vector<std::string>& problems,
           const relay_options& options) {
    for (const auto& p : problems) out.write(log::level::error, p);
    // A server that is away may come back: a supervisor should start this again then.
    const bool reachable = static_cast<bool>(pg::connection::open(options.database));
    return reachable ? exit_config : exit_unavailable;
}

void report_end(log::logger& out, const relay_counts& counts, bool drained) {
    const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    out.write(drained ? log::level::info : log::level::warning,
              drained ? "stopped: everything that was read is published and stored"
                      : "stopped before everything was acknowledged; the next start repeats it",
              {{"read", number(counts.read)},
               {"published", number(counts.published)},
               {"windows", number(counts.windows)},
               {"rebuilds", number(counts.rebuilds)}});
}

}  // namespace

relay_command::relay_command()
    : command("relay", "Publishes an outbox to Kafka, until SIGTERM.", relay_rows()) {}

void relay_command::declare_more(CLI::App& app) {
    app.footer(
        "Stops on SIGTERM or Ctrl-C when all that was read is acknowledged; a second Ctrl-C at "
        "once.\n"
        "Example:\n  ONCEWARD_DATABASE=postgresql://relay@db/shop onceward relay --brokers "
        "kafka:9092");
}

int relay_command::run(const options::values& values) {
    std::signal(SIGPIPE, SIG_IGN);  // a lost connection is an error to handle, not an end
    const stop_signals signals;
    const auto options = checked_options(values);
    const auto out = make_logger(values);
    warn(*out, values);
    relay r = made_relay(options, *out);
    const auto problems = r.preflight();
    if (!problems.empty()) return refuse(*out, problems, options);

    const bool drained = r.run(signals.token());
    report_end(*out, r.counts(), drained);
    return drained ? exit_ok : exit_temporary;
}

}  // namespace onceward::cli
