#pragma once

/// @file
/// Builds librdkafka configurations; an unknown property or a bad value is an error, never ignored.

#include <map>
#include <string>

#include "kafka/rd_handle.hpp"
#include "onceward/result.hpp"

namespace onceward::kafka {

using properties = std::map<std::string, std::string>;

/// A configuration with `ours` on top of `users`.
/// @return `fatal` when librdkafka refuses a property, or when the user sets one of `ours`, under
///         whatever name, to another value or one that must not be set: the message says why.
result<rd_conf> make_conf(const properties& ours, const properties& users);

}  // namespace onceward::kafka
