#pragma once

/// @file
/// What a request is told that is not handled, as RFC 9457 has it.

#include <chrono>

#include <httplib.h>

namespace onceward::idempotency {

/// Sets a response of `application/problem+json`; `title` and `detail` need no escaping in JSON.
void set_problem(httplib::Response& rs, int status, const char* title, const char* detail);

/// As `set_problem`, and says when to ask again.
void set_problem(httplib::Response& rs, int status, const char* title, const char* detail,
                 std::chrono::seconds retry_after);

}  // namespace onceward::idempotency
