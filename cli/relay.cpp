#include "relay.hpp"

#include <csignal>

#include <CLI/App.hpp>

#include "common.hpp"
#include "exit_code.hpp"
#include "relay/process.hpp"
#include "relay_settings.hpp"
#include "signals.hpp"

namespace onceward::cli {

relay_command::relay_command()
    : command("relay", "Publishes an outbox to Kafka, until SIGTERM.", relay_rows()) {}

void relay_command::declare_more(CLI::App& app) {
    pausing_.declare(app);
    app.footer(
        "Stops on SIGTERM or Ctrl-C when all that was read is acknowledged; a second Ctrl-C at "
        "once.\n"
        "SIGHUP reads the configuration again; if anything is wrong with it, the old one stays.\n"
        "Example:\n  ONCEWARD_DATABASE=postgresql://relay@db/shop onceward relay --brokers "
        "kafka:9092");
}

int relay_command::run(const options::values& values) {
    if (pausing_.chosen()) {
        if (values.sections.empty()) return pausing_.run(values);
        throw stop_with(exit_usage, "the file has several outboxes: say which one by --outbox");
    }
    std::signal(SIGPIPE, SIG_IGN);  // a lost connection is an error to handle, not an end
    auto setup = relay_setup_of(values);
    log::logger out(setup.log.format, setup.log.least);
    relay_process process(
        rows(), [this] { return read_values(); }, out);
    const stop_signals signals({.hangup = [&process] { process.reload_soon(); }});
    return process.run(std::move(setup), signals.token());
}

}  // namespace onceward::cli
