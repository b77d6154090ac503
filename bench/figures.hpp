#pragma once

/// @file
/// What the probes print: one JSON object a run, for the Python part to read.

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace onceward::bench {

using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point begin);

/// CPU seconds that this process has used so far, in user and kernel mode.
double cpu_seconds();

/// The smallest value that a share of the values, 0 to 1, does not exceed; 0 of none.
double percentile(std::vector<double> values, double share);

using figure = std::pair<std::string, double>;

void print(const std::vector<figure>& figures);

/// `events` in `seconds`, with all CPU that this process has used: events_per_s, cpu_us_per_event.
void print_rate(double events, double seconds);

}  // namespace onceward::bench
