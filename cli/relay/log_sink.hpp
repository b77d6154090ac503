#pragma once

/// @file
/// The relay's log lines, as lines of this process's log.

#include "log/logger.hpp"
#include "onceward/relay.hpp"

namespace onceward::cli {

/// `out` must outlive the sink.
relay::log_sink sink_to(log::logger& out);

}  // namespace onceward::cli
