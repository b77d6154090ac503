#include "idempotency/problem.hpp"

#include <string>

#include <fmt/format.h>

namespace onceward::idempotency {

void set_problem(httplib::Response& rs, int status, const char* title, const char* detail) {
    rs.status = status;
    rs.set_content(fmt::format("{{\"type\": \"about:blank\", \"title\": \"{}\", \"status\": {}, "
                               "\"detail\": \"{}\"}}\n",
                               title, status, detail),
                   "application/problem+json");
}

void set_problem(httplib::Response& rs, int status, const char* title, const char* detail,
                 std::chrono::seconds retry_after) {
    set_problem(rs, status, title, detail);
    rs.set_header("Retry-After", std::to_string(retry_after.count()));
}

}  // namespace onceward::idempotency
