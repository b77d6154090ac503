#pragma once

/// @file
/// A message id's text form without an allocation, for where every event passes.

#include <array>

#include "onceward/message_id.hpp"

namespace onceward {

/// The canonical text form of a message id, lower case.
std::array<char, 36> id_text(const message_id& id);

}  // namespace onceward
