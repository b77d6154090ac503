#pragma once

/// @file
/// Properties of another program (librdkafka) that pass through: each by its own name, from flags,
/// environment and file. A secret may stand in a file: `sasl.password_file` for `sasl.password`.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace onceward::options {

/// Where a value came from, the weakest first.
enum class origin : std::uint8_t { fallback, file, environment, flag };

struct property {
    std::string value;     ///< Or the path of the file that holds it.
    bool in_file = false;  ///< `value` is a path.
    origin from = origin::fallback;
    std::string place{};  ///< As values::place.
};

using property_map = std::map<std::string, property, std::less<>>;

/// The property that an environment variable stands for: ONCEWARD_KAFKA_SASL_PASSWORD is
/// sasl.password; `_` is a dot, `__` a dash, `___` an underscore.
/// @param prefix  "ONCEWARD_KAFKA_"
/// @return Empty when it stands for none.
std::string property_of(std::string_view variable, std::string_view prefix);

/// Whether the property's value is a secret: it does not belong on a command line and is not shown.
bool is_secret(std::string_view property);

/// Puts a value into `all`, if nothing stronger has put one there.
/// @param name  As written; with `_file` behind a secret's name the value is a path.
/// @return Empty, or what is wrong: two values of one origin.
std::string put(property_map& all, std::string_view name, property p);

}  // namespace onceward::options
