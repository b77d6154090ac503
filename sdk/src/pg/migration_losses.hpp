#pragma once

/// @file
/// Keeps still what a migration down would take away, while it is looked at.

#include <string>

#include "pg/connection.hpp"

namespace onceward::pg {

/// Locks the tables that `losses` looks at, to the end of the transaction: nothing can be added
/// between the look and the drop.
result<done> lock_treasures(connection& c, const std::string& schema, int to);

}  // namespace onceward::pg
