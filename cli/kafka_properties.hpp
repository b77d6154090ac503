#pragma once

/// @file
/// librdkafka's own properties, from `--kafka property=value` and from ONCEWARD_KAFKA_* variables.

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace onceward::cli {

using kafka_properties = std::map<std::string, std::string>;

/// The property that an environment variable stands for: ONCEWARD_KAFKA_SASL_PASSWORD is
/// sasl.password; `_` is a dot, `__` a dash, `___` an underscore.
/// @return Empty when it stands for none.
std::string property_of(std::string_view variable);

/// Flags over environment.
/// @param flags      Texts `property=value`.
/// @param variables  Texts `NAME=value`, such as this process's whole environment.
/// @throws std::invalid_argument  A flag has no `=` or no name.
kafka_properties read_kafka_properties(const std::vector<std::string>& flags,
                                       const std::vector<std::string>& variables);

/// Whether the property's value is a secret, which does not belong on a command line.
bool is_secret(std::string_view property);

/// This process's environment, NAME=value.
std::vector<std::string> process_variables();

}  // namespace onceward::cli
