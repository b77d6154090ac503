#include "relay.hpp"

#include <csignal>

#include <CLI/App.hpp>

#include "common.hpp"
#include "relay/process.hpp"
#include "relay_settings.hpp"
#include "signals.hpp"

namespace onceward::cli {

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
    auto setup = relay_setup_of(values);
    const auto out = make_logger(values);
    return relay_process(std::move(setup), *out).run(signals.token());
}

}  // namespace onceward::cli
