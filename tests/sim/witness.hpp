#pragma once

/// @file
/// Knows what really happened, and checks the promises at every step. It shares nothing with the
/// code under test: it hears of rows, of records in the log, and of effects.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "coverage.hpp"
#include "onceward/message_id.hpp"

namespace onceward::sim {

enum class promise : std::uint8_t {
    complete,      ///< Every committed event is in the log and takes effect.
    acknowledged,  ///< The cursor passes only what is in the log.
    once,          ///< No event takes effect twice.
    ordered,       ///< A key's events take effect in the order of its transactions.
    log_ordered,   ///< First occurrences of a key's events are in that order in the log.
    no_phantom,    ///< No event of a transaction that does not exist is published.
    fenced,        ///< No write under a lease after one under a later lease.
    monotone,      ///< The cursor does not go back.
    bounded,       ///< Pieces and what is in flight keep their bounds.
    buried,        ///< No later tenure publishes a dead letter of the outbox.
    frugal,        ///< Nothing is published that the cursor has passed, or twice by one tenure.
    innocent,      ///< Only what Kafka or its handler refuses for itself is set aside.
    live,          ///< Once faults stop, everything arrives in bounded time.
};

std::string_view name_of(promise p);

struct violation {
    promise broken;
    std::string what;
};

/// One event's history.
struct event_history {
    enum class state : std::uint8_t { uncommitted, committed, aborted, lost, lost_by_failover };
    int key = -1;     ///< -1: none.
    int version = 0;  ///< 1 for the key's first event.
    state is = state::uncommitted;
    int appended = 0;
    int applied = 0;
    bool refused = false;       ///< Its handler has failed for good.
    bool dead = false;          ///< It was set aside, out of its key's order.
    std::size_t partition = 0;  ///< Where it was appended first.
    bool unsendable = false;    ///< Kafka never takes it.
    enum class fate : std::uint8_t { in_order, buried, redriven } fate = fate::in_order;
    std::int64_t buried_in = 0;  ///< The epoch in which it became a dead letter.
};

class witness {
public:
    explicit witness(coverage& seen) : seen_(seen) {}

    // What happens.
    void added(const message_id& id, int key, int version, bool unsendable = false);
    void committed(const message_id& id);
    void aborted(const message_id& id);
    /// A crash took back what was committed or was being committed.
    void lost(const message_id& id, bool by_failover);
    /// Must follow the `lost` of a failover: a key's order begins anew at what is left.
    void count_prefixes();
    void appended(const message_id& id, std::size_t partition);
    /// It became a dead letter, in that epoch.
    void buried(const message_id& id, std::int64_t epoch);
    /// A dead letter is in the outbox again, where it has no place in its key's order.
    void redriven(const message_id& id);
    /// A failover has taken back what else was.
    void only_these_are_buried(const std::set<message_id>& dead);
    /// `tenure` handed the event to its producer; `passed`: its cursor was behind the event
    /// already.
    /// @param epoch  Of its lease.
    void produced(std::uint64_t tenure, std::int64_t epoch, const message_id& id, bool passed);
    void applied(const message_id& id);
    /// The handler of this one fails for good.
    void refused(const message_id& id) { facts_.at(id).refused = true; }
    void set_aside(const message_id& id);
    /// A person's decision has made a message take effect that was set aside.
    void applied_late(const message_id& id);
    void tenure_ended(std::uint64_t tenure) { produced_.erase(tenure); }
    [[nodiscard]] bool has_produced(std::uint64_t tenure, const message_id& id) const {
        const auto it = produced_.find(tenure);
        return it != produced_.end() && it->second.contains(id);
    }

    // What is asked.
    [[nodiscard]] const event_history& of(const message_id& id) const { return facts_.at(id); }
    [[nodiscard]] std::size_t committed_events() const;
    [[nodiscard]] std::size_t produced_events() const { return produced_count_; }
    /// Committed events that are not in the log, or have not taken effect.
    [[nodiscard]] std::size_t missing_in_log() const;
    [[nodiscard]] std::size_t missing_effects() const;
    void check_complete();

    void broken(promise p, std::string what);
    /// The first violation of each promise, in the order in which they were found.
    [[nodiscard]] const std::vector<violation>& violations() const { return violations_; }

private:
    struct progress {
        int in_log = 0;  ///< The key's last version in the log.
        int applied = 0;
        std::set<int> buried{};  ///< Versions that left the order.
        [[nodiscard]] int behind(int version) const {
            do ++version;
            while (buried.contains(version));
            return version;
        }
        std::optional<std::size_t> partition;
    };
    void check_order(const message_id& id, const event_history& f);
    [[nodiscard]] static bool expected(const event_history& f);
    [[nodiscard]] std::string describe(const message_id& id) const;
    void check_first_occurrence(const message_id& id, event_history& f, std::size_t partition);

    coverage& seen_;
    std::unordered_map<message_id, event_history> facts_;
    std::map<int, progress> keys_;
    std::map<std::uint64_t, std::set<message_id>> produced_;
    std::size_t produced_count_ = 0;
    std::vector<violation> violations_;
};

}  // namespace onceward::sim
