#pragma once

/// @file
/// What `onceward doctor` and `onceward topics` print.

#include <string>
#include <vector>

#include "finding.hpp"

namespace onceward::cli {

/// What one check has found; nothing when all is well.
struct section {
    std::string name;
    std::vector<finding> findings{};
};

/// The worst of all findings.
severity worst(const std::vector<section>& sections);

/// A line a finding, and its remedy; a line a section that is well.
std::string report_text(const std::vector<section>& sections);
std::string report_json(const std::vector<section>& sections);

}  // namespace onceward::cli
