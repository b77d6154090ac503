#pragma once

/// @file
/// The process `onceward relay`, from its first check to its last log line.

#include <stop_token>

#include "log/logger.hpp"
#include "relay/setup.hpp"

namespace onceward::cli {

class relay_process {
public:
    /// `out` must outlive it.
    relay_process(relay_setup setup, log::logger& out);

    /// Relays until `stop` is asked for and the relay has drained.
    /// @return The exit code.
    /// @throws stop_with  The options cannot work together.
    int run(const std::stop_token& stop);

private:
    int refuse(const std::vector<std::string>& problems);
    void report_end(const relay_counts& counts, bool drained);

    relay_setup setup_;
    log::logger& out_;
};

}  // namespace onceward::cli
