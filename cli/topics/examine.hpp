#pragma once

/// @file
/// The look at an outbox's topics that `topics check` and `doctor` share.

#include <string>
#include <vector>

#include "doctor/report.hpp"
#include "kafka/admin.hpp"
#include "pg/connection.hpp"

namespace onceward::cli {

/// @param names  The topics to look at; empty: those that the outbox uses.
/// @return A section for the brokers and one a topic.
std::vector<section> examine_topics(pg::connection& c, kafka::admin& admin,
                                    const std::string& schema, const std::string& brokers,
                                    const std::vector<std::string>& names);

}  // namespace onceward::cli
