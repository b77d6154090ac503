#pragma once

/// @file
/// Whether the relay lives and is ready, and if not, why and what to do. Pure.

#include <map>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "onceward/relay.hpp"

namespace onceward::cli {

struct health_check {
    std::string name;
    bool passed = true;
    std::string reason{};  ///< Why not.
    std::string remedy{};  ///< What to do then.
};

/// How far the process has come, beside the relay's own state.
struct health_facts {
    std::string outbox{};  ///< Of several; stands before the names of its checks.
    relay_state relay{};
    bool checks_passed = false;  ///< The checks at start: schema, grants, server.
};

/// The relay's own loop goes round. Asks nobody: a server that is away is no reason to kill it.
std::vector<health_check> liveness(const health_facts& f);

/// It can do its part, as leader or as standby.
std::vector<health_check> readiness(const health_facts& f);

/// It has found everything that it needs once.
std::vector<health_check> startup(const health_facts& f);

/// The checks of all outboxes. Where there are several, each is named, as in `shop/postgres`.
std::vector<health_check> checks_of(std::vector<health_check> (*of)(const health_facts&),
                                    const std::vector<health_facts>& all);

/// As Kubernetes does: `ok`, or the failed checks and 503. With `?verbose` all of them;
/// `?exclude=NAME`, which may be repeated, leaves one out.
http::response health_response(std::vector<health_check> checks,
                               const std::multimap<std::string, std::string>& query);

}  // namespace onceward::cli
