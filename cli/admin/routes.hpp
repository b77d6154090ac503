#pragma once

/// @file
/// The paths of the admin port, as data: what is served, what is documented, what wants the token.

#include <array>
#include <string_view>

namespace onceward::cli {

struct admin_route {
    std::string_view method;
    std::string_view path;
    bool needs_token = false;
    std::string_view answers;  ///< The status codes, ascending, beyond those of any HTTP server.
    std::string_view effect;
};

inline constexpr std::array admin_routes{
    admin_route{"GET", "/livez", false, "200, 503", "whether the relay's own loop goes round"},
    admin_route{"GET", "/healthz", false, "200, 503", "the same"},
    admin_route{"GET", "/readyz", false, "200, 503",
                "whether the relay can do its part, as leader or standby"},
    admin_route{"GET", "/startupz", false, "200, 503", "whether the checks at start are through"},
    admin_route{"GET", "/metrics", false, "200", "the metrics, for Prometheus"},
    admin_route{"GET", "/version", false, "200", "version of program and schema"},
    admin_route{"GET", "/api/v1/status", false, "200, 404, 503", "what `onceward status --json` prints"},
    admin_route{"POST", "/api/v1/pause", true, "200, 400, 401, 403, 404, 415, 503",
                "pauses the shard"},
    admin_route{"POST", "/api/v1/resume", true, "200, 401, 403, 404, 415, 503", "ends the pause"},
};

}  // namespace onceward::cli
