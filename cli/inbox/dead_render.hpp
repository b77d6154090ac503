#pragma once

/// @file
/// Dead letters of the inbox for people and for programs.

#include <optional>
#include <string>
#include <vector>

#include "inbox/dead_letters.hpp"

namespace onceward::cli {

/// What a call did, or would do.
struct dead_report {
    std::string action{};  ///< edit, redrive or discard.
    bool dry_run = false;
    std::vector<inbox_dead_letter> letters{};  ///< As they were before.
    std::vector<std::string> ids{};            ///< Of a redrive, under which each is applied.
};

std::string dead_list_text(const std::vector<inbox_dead_letter>& all);
std::string dead_list_json(const std::vector<inbox_dead_letter>& all);

std::string dead_letter_text(const inbox_dead_letter& d, const dead_content& c);
std::string dead_letter_json(const inbox_dead_letter& d, const dead_content& c);

std::string dead_report_text(const dead_report& r);
std::string dead_report_json(const dead_report& r);

}  // namespace onceward::cli
