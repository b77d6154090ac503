#include "relay/io/pause_reason.hpp"

#include <fmt/format.h>

#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

result<std::string> pause_reason(pg::connection& session, const std::string& schema,
                                 const std::string& shard) {
    auto r = session.exec(
        fmt::format("SELECT reason || ' (' || paused_by || ')' FROM {}.relay_pause WHERE shard = "
                    "$1::smallint",
                    schema),
        {shard});
    if (!r) return r.error();
    return r->empty() ? std::string{} : std::string(r->text(0, 0));
}

result<std::string> pause_reason(const relay_options& options) {
    auto session = open_cursor_session(options);
    if (!session) return session.error();
    return pause_reason(*session, options.schema, std::to_string(options.shard));
}

}  // namespace onceward::relay_core
