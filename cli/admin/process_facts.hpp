#pragma once

/// @file
/// What Linux counts about this process.

#include <optional>

namespace onceward::cli {

struct process_facts {
    double cpu_seconds = 0;
    double virtual_bytes = 0;
    double resident_bytes = 0;
    double threads = 0;
    double start_time_s = 0;  ///< Since 1970.
    double open_files = 0;
    double open_files_max = 0;
};

/// @return Empty where there is no /proc.
std::optional<process_facts> read_process_facts();

}  // namespace onceward::cli
