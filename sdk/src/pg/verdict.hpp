#pragma once

/// @file
/// What an SQLSTATE means for the caller; the only place that knows.

#include <string_view>

#include "onceward/result.hpp"

namespace onceward::pg {

/// The verdict on a statement that failed with `sqlstate`; an empty one is a lost connection.
/// A lost connection in COMMIT is in doubt: the caller of commit must say so, this table cannot.
verdict verdict_of(std::string_view sqlstate);

}  // namespace onceward::pg
