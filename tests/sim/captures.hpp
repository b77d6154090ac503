#pragma once

/// @file
/// The capture under test, or one of the planted ones.

#include <memory>

#include "environment.hpp"
#include "relay/core/poll_capture.hpp"

namespace onceward::sim {

std::unique_ptr<relay_core::capture> make_capture(const environment& env,
                                                  relay_core::outbox_reader& outbox,
                                                  const relay_core::position& start);

}  // namespace onceward::sim
