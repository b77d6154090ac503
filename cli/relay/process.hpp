#pragma once

/// @file
/// The process `onceward relay`, from its first check to its last log line. The main thread waits
/// here for what happens; each outbox's relay works on a thread of its own, and a reload replaces
/// those whose options differ.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "log/logger.hpp"
#include "relay/relayed_outbox.hpp"
#include "relay/service_notices.hpp"
#include "relay/setup.hpp"

namespace onceward::cli {

/// How often the configuration was read again, for whoever watches.
struct reload_counts {
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;  ///< The old configuration stayed in force.
    bool last_succeeded = true;
};

class relay_process {
public:
    /// @param rows    The command's table: which options only a restart changes.
    /// @param reread  The values as they are now; throws like relay_command's own start.
    /// @param out     Must outlive this.
    relay_process(options::table rows, std::function<options::values()> reread, log::logger& out);

    /// Relays until `stop` is asked for and the relay has drained.
    /// @return The exit code.
    /// @throws stop_with  The options cannot work together.
    int run(relay_setup setup, const std::stop_token& stop);

    /// Asks for a reload.
    /// @par Thread safety
    /// Any thread, at any time, as the counts below.
    void reload_soon();
    [[nodiscard]] std::vector<outbox_facts> outboxes() const;  ///< In the configuration's order.
    [[nodiscard]] reload_counts reloads() const;

private:
    enum class event : std::uint8_t { stop, reload, ended };
    using relays = std::vector<std::unique_ptr<relay>>;

    void make_outboxes(const std::vector<outbox_setup>& of);
    [[nodiscard]] relays made(const relay_setup& setup) const;
    event next_event(const std::stop_token& stop);
    int refuse(const std::vector<std::string>& problems);
    void start(std::size_t number, std::unique_ptr<relay> what, const relay_options& options);
    bool finish();
    void reload(const std::stop_token& stop);
    void try_reload(const std::stop_token& stop);
    [[nodiscard]] service_look look() const;
    [[nodiscard]] std::vector<std::size_t> differing(const relay_setup& next) const;
    void replace(relays with, relay_change change, const std::stop_token& stop);
    void reject(const std::string& why);
    void report_end(bool drained);

    const options::table rows_;
    const std::function<options::values()> reread_;
    log::logger& out_;

    relay_setup setup_;                                      // of the main thread
    std::vector<std::unique_ptr<relayed_outbox>> outboxes_;  // those of the start

    mutable std::mutex guard_;  // of all below
    std::condition_variable_any happened_;
    bool reload_asked_ = false;
    bool ended_ = false;
    reload_counts reloads_;
    reload_progress reloading_;
};

}  // namespace onceward::cli
