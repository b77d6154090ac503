#pragma once

/// @file
/// The relay's log lines, as lines of this process's log.

#include <string>

#include "log/logger.hpp"
#include "onceward/relay.hpp"

namespace onceward::cli {

/// `out` must outlive the sink.
/// @param outbox  Stands in each line, unless it is empty.
relay::log_sink sink_to(log::logger& out, const std::string& outbox);

}  // namespace onceward::cli
