#pragma once

/// @file
/// How to reach the database and Kafka, with the secrets that stand in files put in.

#include <map>
#include <string>
#include <vector>

#include "options/option_set.hpp"

namespace onceward::cli {

struct endpoints {
    std::string database;                      ///< libpq URI or key=value string.
    std::map<std::string, std::string> kafka;  ///< librdkafka's properties.
    std::vector<std::string> warnings;         ///< Secrets that others can read.
};

/// Reads the files of secrets anew at each call, so that a rotated one is found.
/// @param values  Of a table with `database` and `database-password-file`, perhaps `kafka`.
/// @throws stop_with  A file cannot be read or is empty.
endpoints read_endpoints(const options::values& values,
                         const options::variables& env = options::process_environment());

}  // namespace onceward::cli
