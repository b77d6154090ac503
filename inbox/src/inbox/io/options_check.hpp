#pragma once

/// @file
/// Whether an inbox can be built with these options.

#include "onceward/inbox.hpp"

namespace onceward::inbox_io {

/// @throws std::invalid_argument  One is missing or out of range; the message shows the range.
void check_options(const inbox_options& o);

}  // namespace onceward::inbox_io
