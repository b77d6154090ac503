#pragma once

/// @file
/// A whole simulated world: services that write, PostgreSQL, two relays, Kafka, two consumers, and
/// a nemesis. One thread, one seed.

#include <memory>
#include <string>
#include <vector>

#include "consumer.hpp"
#include "relay.hpp"
#include "writer.hpp"

namespace onceward::sim {

class world {
public:
    world(std::uint64_t seed, plant bug, bool tracing = false);

    /// Lives under faults, then without them until all has arrived.
    /// @param to_the_end  Goes on after a violation, to find what else follows from it.
    void run(bool to_the_end = false);

    [[nodiscard]] const std::vector<violation>& violations() const {
        return env_.truth.violations();
    }
    [[nodiscard]] bool breaks(promise p) const;
    [[nodiscard]] const coverage& what_was_seen() const { return env_.seen; }
    /// Equal for two runs that went the same way.
    [[nodiscard]] std::uint64_t fingerprint() { return env_.random.next(); }
    [[nodiscard]] std::size_t events() const { return env_.truth.committed_events(); }

private:
    void step();
    void strike();
    void strike_processes();
    void interleave();
    void stand_still(std::int64_t ms);
    void heal();
    void drain();
    [[nodiscard]] bool over() const { return !to_the_end_ && !violations().empty(); }
    [[nodiscard]] bool all_has_arrived() const;
    [[nodiscard]] bool cursor_is_at_the_end() const;

    environment env_;
    pg_server server_;
    broker kafka_;
    inbox_database inbox_;
    workload work_;
    std::vector<std::unique_ptr<writer>> writers_;
    std::uint64_t tenures_ = 0;
    std::vector<std::unique_ptr<relay>> relays_;
    assignment group_;
    std::vector<std::unique_ptr<consumer>> consumers_;
    int depth_ = 0;
    bool to_the_end_ = false;
    writer* left_open_ = nullptr;  ///< Not stepped, so that its transaction stands open.
};

}  // namespace onceward::sim
