#pragma once

/// @file
/// What `onceward inbox maintain` prints.

#include <string>

#include "inbox/maintain.hpp"

namespace onceward::cli {

std::string maintain_text(const maintain_report& r);
std::string maintain_json(const maintain_report& r);

}  // namespace onceward::cli
