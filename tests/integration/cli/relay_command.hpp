#pragma once

/// @file
/// `onceward relay` between a database and a broker of its own.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "dev/embedded_broker.hpp"
#include "program.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

class RelayCommand : public ::testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> relay(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"relay", "--database", database_, "--brokers",
                                   broker_.bootstrap(), "--lease-ttl", "2s"});
        return command_line(more);
    }

    void add_event() { value_of(db_, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)"); }

    /// Whether the relay has stored a cursor behind every event.
    [[nodiscard]] bool all_published() {
        return value_of(db_,
                        "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c WHERE NOT "
                        "pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)") == "0";
    }

    /// Cuts Kafka off, adds an event and waits until the relay has read it: a poll that began after
    /// its commit is over, and another one has begun.
    [[nodiscard]] bool has_an_event_in_flight() {
        broker_.down();
        add_event();
        const std::string committed = value_of(db_, "SELECT clock_timestamp()");
        const std::string first = poll_after(committed);
        return !first.empty() && !poll_after(first).empty();
    }

    /// When a poll of the relay began, the next one after `time`; empty when there is none.
    [[nodiscard]] std::string poll_after(const std::string& time) {
        std::string began;
        const bool found = eventually([&] {
            began = value_of(
                db_,
                "SELECT query_start FROM pg_stat_activity WHERE datname = current_database() AND "
                "query LIKE '%window_open%' AND pid <> pg_backend_pid() AND query_start > '" +
                    time + "'::timestamptz");
            return !began.empty();
        });
        return found ? began : "";
    }

    [[nodiscard]] bool lease_is_held() {
        return value_of(db_,
                        "SELECT count(*) FROM onceward.relay_cursor WHERE lease_until > now()") ==
               "1";
    }

    std::string database_ = migrated_database(durable_server());
    pg::connection db_ = connect(database_);
    dev::embedded_broker broker_{{{"orders", 2}}};
};

}  // namespace onceward::test
