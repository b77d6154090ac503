#pragma once

/// @file
/// Sections of a configuration file: maps in a list, whose keys stand before the file's own.
///
/// In the flat list of settings the first map of `outboxes` is `outboxes[0]`, and a key in it
/// `outboxes[0].schema`.

#include <string>
#include <string_view>
#include <vector>

#include "options/config_file.hpp"

namespace onceward::options {

/// The parts of a key that stands in a section; all empty where it stands in none.
struct section_key {
    std::string_view list{};     ///< "outboxes"
    std::string_view section{};  ///< "outboxes[0]"
    std::string_view key{};      ///< "schema"; empty for the section itself.
};
section_key split(std::string_view key);

/// The sections of a list, in the file's order: the settings that stand for them.
std::vector<setting> sections_of(const config_file& file, std::string_view list);

/// The value of a key of a section; empty when it has none.
std::string value_in(const config_file& file, const setting& section, std::string_view key);

/// The file as a section sees it: its own keys, and the file's where it is silent.
config_file within(const config_file& file, const setting& section);

}  // namespace onceward::options
