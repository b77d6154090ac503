#pragma once

/// @file
/// "Did you mean": the known name that a misspelt one is nearest to.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace onceward::options {

/// Levenshtein's distance: how many letters to insert, delete or replace.
std::size_t distance(std::string_view a, std::string_view b);

/// The nearest of `known`, if at most a third of the letters differ; else empty.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// " (did you mean X?)", or empty.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace onceward::options
