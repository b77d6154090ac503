#pragma once

/// @file
/// Dead letters for people and for scripts. Pure.

#include <string>
#include <vector>

#include "dead/letters.hpp"

namespace onceward::cli {

/// A line each, without key and payload.
std::string list_text(const std::vector<outbox_dead_letter>& all);
/// An array; nothing but sizes of payloads.
std::string list_json(const std::vector<outbox_dead_letter>& all);

/// All of one; the payload where it was read.
std::string letter_text(const outbox_dead_letter& d);
std::string letter_json(const outbox_dead_letter& d);

/// @param done  edited, redriven or discarded.
std::string decision_json(const char* done, std::int64_t count);

}  // namespace onceward::cli
