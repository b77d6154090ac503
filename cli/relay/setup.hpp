#pragma once

/// @file
/// What `onceward relay` is to do, from the values in force.

#include <string>
#include <vector>

#include "admin/settings.hpp"
#include "common.hpp"
#include "onceward/relay.hpp"
#include "options/option_set.hpp"

namespace onceward::cli {

inline constexpr std::size_t outboxes_max = 64;

/// One of the outboxes that a relay process serves.
struct outbox_setup {
    std::string name{};  ///< Of several; empty: it is the only one.
    relay_options options{};

    /// What it is called on the page of metrics.
    [[nodiscard]] const std::string& label() const { return name.empty() ? options.schema : name; }
};

struct relay_setup {
    options::values values;
    std::vector<outbox_setup> outboxes;  ///< At least one.
    admin_settings admin;
    log_settings log;
    std::vector<std::string> warnings;  ///< Sentences for the log: what works but should not be so.
};

/// Reads the files of secrets.
/// @throws stop_with  Something is missing or cannot be used.
relay_setup relay_setup_of(options::values values);

/// A new set-up for a running relay, with the same outboxes.
struct relay_change {
    relay_setup next;
    std::vector<std::string> changed;  ///< Names of the options whose values differ.
    std::vector<std::string> kept;     ///< Those of them that only a restart changes: as they were.
};

/// @throws stop_with  As relay_setup_of.
relay_change relay_change_of(const relay_setup& now, options::values wanted,
                             const options::table& rows);

}  // namespace onceward::cli
