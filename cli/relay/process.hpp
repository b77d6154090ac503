#pragma once

/// @file
/// The process `onceward relay`, from its first check to its last log line. The main thread waits
/// here for what happens; the relay works on a thread of its own, and a reload replaces it.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "log/logger.hpp"
#include "relay/running_relay.hpp"
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
    [[nodiscard]] relay_counts counts() const;  ///< Of all relays of this process.
    [[nodiscard]] relay_state state() const;    ///< Between two relays the last one's.
    [[nodiscard]] reload_counts reloads() const;
    [[nodiscard]] relay_options options() const;  ///< Those in force.
    [[nodiscard]] bool has_started() const;       ///< The checks at start are through.

private:
    enum class event : std::uint8_t { stop, reload, ended };
    void set_up(relay_setup setup);
    event next_event(const std::stop_token& stop);
    int refuse(const std::vector<std::string>& problems);
    void start(std::unique_ptr<relay> what);
    bool finish();
    void reload(const std::stop_token& stop);
    void try_reload(const std::stop_token& stop);
    [[nodiscard]] service_look look() const;
    void replace(std::unique_ptr<relay> with, relay_change change, const std::stop_token& stop);
    void reject(const std::string& why);
    void report_end(bool drained);

    const options::table rows_;
    const std::function<options::values()> reread_;
    log::logger& out_;

    mutable std::mutex guard_;  // of all below
    relay_setup setup_;         // the main thread reads it without, nobody else writes
    bool has_started_ = false;
    std::condition_variable_any happened_;
    bool reload_asked_ = false;
    bool ended_ = false;
    relay_counts before_;     // of the relays that have ended
    relay_state last_state_;  // of the last one
    reload_counts reloads_;
    reload_progress reloading_;
    std::unique_ptr<running_relay> now_;  // none between two
    bool drained_ = true;                 // what the last one left
};

}  // namespace onceward::cli
