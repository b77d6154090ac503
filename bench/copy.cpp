#include <stdexcept>

#include "figures.hpp"
#include "pg/connection.hpp"
#include "probes.hpp"

namespace onceward::bench {

void copy(const std::string& conninfo) {
    auto c = pg::connection::open(conninfo);
    if (!c) throw std::runtime_error(c.error().message);
    double events = 0;
    const auto begin = clock::now();
    auto r = c->copy_out(
        "SELECT seq, created_at, id, topic, type, key, payload, content_type, headers "
        "FROM onceward.outbox",
        [&](auto) {
            ++events;
            return true;
        });
    if (!r) throw std::runtime_error(r.error().message);
    print_rate(events, seconds_since(begin));
}

}  // namespace onceward::bench
