#pragma once

/// @file
/// The generated part of docs/configuration.md: every option of every command, exit codes.

#include <string>

#include "config/described.hpp"

namespace onceward::cli {

/// Markdown.
std::string document(const described_commands& all);

/// For programs: [{"name", "commands", "default", "allowed", "file", "environment"}, ...].
std::string document_json(const described_commands& all);

}  // namespace onceward::cli
