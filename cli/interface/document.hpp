#pragma once

/// @file
/// docs/interface.md: the names that programs and dashboards may rely on, beside options.

#include <string>

namespace onceward::cli {

/// Markdown, generated from the tables that the program itself works by.
std::string interface_document();

}  // namespace onceward::cli
