#pragma once

/// @file
/// Texts for people and for machines, as several commands print them.

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace onceward::cli {

/// What other programs wrote, for a terminal: nothing in it may steer that.
/// @param instead  Stands for each control character.
std::string printable(std::string_view text, char instead = '?');

/// Two hexadecimal digits for each byte.
std::string hex_digits(std::string_view bytes);

/// Indented, with a line end; bytes that are not UTF-8 are replaced.
std::string indented(const nlohmann::ordered_json& j);

}  // namespace onceward::cli
