#pragma once

/// @file
/// The environment's variables, and which of them look like ours but are not.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "options/option.hpp"

namespace onceward::options {

using variables = std::map<std::string, std::string, std::less<>>;

/// This process's environment.
variables process_environment();

/// The value of a variable; empty when it is not set.
std::string value_of(const variables& env, std::string_view name);

/// The variables that begin with ONCEWARD_ and that no row reads: misspelt, most likely. Others may
/// use the prefix, so this is a reason to warn and no more.
/// @return A sentence each.
std::vector<std::string> unknown_variables(const variables& env, const table& rows);

}  // namespace onceward::options
