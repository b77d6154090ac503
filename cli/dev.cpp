#include "dev.hpp"

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <filesystem>
#include <mutex>
#include <optional>
#include <stdexcept>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "common.hpp"
#include "dev/embedded_broker.hpp"
#include "dev/private_postgres.hpp"
#include "dev_guide.hpp"
#include "exit_code.hpp"
#include "pg/migrator.hpp"
#include "signals.hpp"
#include "state_file.hpp"

namespace onceward::cli {

namespace {

struct wishes {
    std::vector<std::string> databases;
    std::vector<dev::topic_spec> topics;
    std::string schema;
    std::string kafka;  // empty: the embedded broker
    std::filesystem::path state_file;
};

wishes read_wishes(const options::values& values) {
    wishes w{.databases = values.list("database"),
             .topics = {},
             .schema = schema_of(values),
             .kafka = values.text("kafka"),
             .state_file = values.text("state-file")};
    if (w.databases.empty()) w.databases = {"app"};
    if (!w.kafka.empty() && !values.list("topic").empty()) {
        throw stop_with(exit_usage,
                        "--topic makes topics on the embedded broker; with --kafka make them "
                        "there, for example with kafka-topics.sh");
    }
    try {
        for (const auto& t : values.list("topic")) w.topics.push_back(dev::parse_topic(t));
        for (const auto& d : w.databases) pg::checked_identifier(d);
    } catch (const std::invalid_argument& e) {
        throw stop_with(exit_usage, e.what());
    }
    return w;
}

void make_database(dev::private_postgres& server, const std::string& name,
                   const std::string& schema) {
    server.create_database(name);
    auto c = pg::connection::open(server.conninfo(name));
    if (!c) throw std::runtime_error(c.error().message);
    const auto made = pg::migrate_up(*c, {.schema = schema});
    if (!made) throw std::runtime_error(made.error().message);
}

dev_address address_of(const dev::private_postgres& server, const wishes& w,
                       const std::string& brokers) {
    dev_address a{.brokers = brokers,
                  .embedded_broker = w.kafka.empty(),
                  .databases = {},
                  .tcp = server.tcp_conninfo(w.databases.front()),
                  .log_file = server.log_file(),
                  .pid = getpid()};
    for (const auto& name : w.databases) a.databases.emplace_back(name, server.conninfo(name));
    return a;
}

/// Waits for the stop.
/// @return False when the server has ended before it.
bool wait_for_stop(const std::stop_token& stop, dev::private_postgres& server) {
    std::mutex guard;
    std::condition_variable_any wakeup;
    std::unique_lock lock(guard);
    while (!stop.stop_requested()) {
        if (!server.running()) return false;
        wakeup.wait_for(lock, stop, std::chrono::seconds{1}, [] { return false; });
    }
    return true;
}

std::unique_ptr<dev::private_postgres> start_postgres() {
    try {
        // Either engine of the relay can be tried on it.
        return std::make_unique<dev::private_postgres>(
            dev::private_postgres_options{.settings = {"wal_level = logical"}});
    } catch (const std::runtime_error& e) {
        throw stop_with(exit_unavailable, e.what());
    }
}

void announce(const dev_address& a) {
    fmt::print("{}", guide_text(a));
    std::fflush(stdout);
}

}  // namespace

dev_command::dev_command()
    : command(
          "dev", "Starts a private PostgreSQL and an embedded broker, to try things out.",
          {options::list("database", "NAME",
                         "A database to make and migrate; app if none is named."),
           options::list("topic", "NAME[:PARTITIONS]",
                         "A topic to make, with 4 partitions unless said otherwise."),
           options::text("kafka", "HOST:PORT", "",
                         "Names this broker instead of starting the embedded one."),
           options::text("schema", "NAME", "onceward", "The schema for outbox and inbox."),
           options::text("state-file", "FILE", "",
                         "Writes there, as JSON, how to connect; the file is gone at the end.")},
          config_use::none) {}

void dev_command::declare_more(CLI::App& app) {
    app.footer(
        "Nothing is left behind, even when this command is killed. Not for production: the data "
        "is\n"
        "deleted at the end, and the embedded broker keeps about 5 MiB a partition.\n"
        "Example:\n  onceward dev --database shop --topic orders:8");
}

int dev_command::run(const options::values& values) {
    std::signal(SIGPIPE, SIG_IGN);
    const wishes w = read_wishes(values);
    // The watcher of the server's directory cleans up after an end at once; the state file is ours.
    const stop_signals signals({.at_once = [file = w.state_file] {
        if (!file.empty()) ::unlink(file.c_str());
    }});
    const auto server = start_postgres();
    for (const auto& name : w.databases) make_database(*server, name, w.schema);
    std::optional<dev::embedded_broker> broker;
    if (w.kafka.empty()) broker.emplace(w.topics);

    const dev_address a = address_of(*server, w, broker ? broker->bootstrap() : w.kafka);
    std::optional<state_file> state;
    if (!w.state_file.empty()) state.emplace(w.state_file, guide_json(a));
    announce(a);
    if (!wait_for_stop(signals.token(), *server)) {
        throw stop_with(exit_unavailable, "PostgreSQL has ended by itself");
    }
    return exit_ok;
}

}  // namespace onceward::cli
