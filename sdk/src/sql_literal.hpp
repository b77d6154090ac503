#pragma once

/// @file
/// Values and names as SQL text, for statements that are sent without parameters; why they are,
/// says docs/adr/0005.

#include <string>
#include <string_view>

namespace onceward {

/// Bytes as an SQL expression without a backslash, whose meaning depends on a setting.
std::string bytes_literal(std::string_view bytes);

/// @param option  Whose value it is, for the message.
/// @throws std::invalid_argument  `name` is not a plain lower-case identifier.
void check_schema_name(const std::string& name, std::string_view option);

}  // namespace onceward
