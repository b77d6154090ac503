#pragma once

/// @file
/// A model of a PostgreSQL primary: transaction ids, WAL, the process array, row locks, the
/// outbox's sequence, and what a crash does to them.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "environment.hpp"
#include "onceward/message_id.hpp"
#include "relay/core/event.hpp"
#include "relay/core/snapshot.hpp"

namespace onceward::sim {

struct outbox_row {
    std::uint64_t xid = 0;
    std::int64_t seq = 0;
    message_id id;
    int key = -1;
    int version = 0;
    std::size_t payload_bytes = 0;
    bool refused = false;  ///< Kafka takes it never.
    bool late = false;     ///< A redriven dead letter: an old id under a new number.
};

/// A dead letter, and its tombstone.
struct dead_row {
    std::int64_t seq = 0;
    message_id id;
};

struct cursor_row {
    std::string lease_id;
    std::int64_t epoch = 0;
    std::string incarnation;
    std::int64_t lease_until = 0;
    relay_core::position at;
    std::vector<dead_row> dead;  ///< Written under the cursor row's lock, hence kept with it.
};

struct transaction {
    enum class state : std::uint8_t { open, committing, ended, aborted, gone };
    std::uint64_t xid = 0;  ///< 0 until the first write.
    state is = state::open;
    std::vector<outbox_row> rows;
    std::map<int, int> versions_before;  ///< Of the keys that it has locked.
    std::uint64_t commit_lsn = 0;        ///< Of the commit record, once it is written.
    std::uint64_t commits_before = 0;    ///< How many had committed when it began.
};

class pg_server {
public:
    explicit pg_server(environment& env);

    // A client's transaction. The order of the calls is the client's.
    std::shared_ptr<transaction> begin();
    /// The first write assigns the transaction id.
    void write(transaction& t);
    /// A row lock, held to the end. @return False while another holds it.
    bool lock(transaction& t, int key);
    /// Adds an event; under the key's lock where it has a key.
    void add(transaction& t, int key, std::size_t payload_bytes, bool refused = false);
    /// A person mends a dead letter and puts it into the outbox again.
    void redrive(const dead_row& dead);
    /// Writes the commit record; the transaction is not visible yet.
    void log_commit(transaction& t);
    /// Leaves the process array: from now on visible, its locks free.
    void end(transaction& t);
    void abort(transaction& t);

    // The server.
    [[nodiscard]] relay_core::snapshot take_snapshot() const;
    [[nodiscard]] std::uint64_t insert_lsn() const { return wal_.size(); }
    [[nodiscard]] std::uint64_t flush_lsn() const { return flushed_; }
    void flush_to(std::uint64_t lsn);
    /// The server's own activity: flushes, sends to the standby, writes what concerns nobody here.
    void step();
    /// Loses what is not flushed, or not on the standby, and starts again.
    void crash(bool failover);
    /// Where a crash is worth most: between two steps of one decision, and while it can take back
    /// what others have seen.
    void maybe_crash(double probability);
    [[nodiscard]] std::uint64_t life() const { return life_; }

    // Tables. Only what is visible stands in `rows`.
    [[nodiscard]] const std::vector<outbox_row>& rows() const { return rows_; }
    [[nodiscard]] const cursor_row& cursor() const { return cursor_; }
    [[nodiscard]] const std::string& life_lease() const { return life_lease_; }
    /// Writes the cursor row in a transaction of its own, synchronously.
    void write_cursor(cursor_row row);
    void write_life(std::string lease_id) { life_lease_ = std::move(lease_id); }

private:
    struct wal_record {
        std::uint64_t xid = 0;
        std::int64_t sequence = 0;  ///< Of the sequence's records: the number to go on behind.
    };
    std::uint64_t log(wal_record r);
    [[nodiscard]] bool can_lose() const;
    std::int64_t next_number();
    void free_locks(const transaction& t);
    void take_back(const transaction& t, bool by_failover);
    void crash_transactions(std::uint64_t cut, bool by_failover);
    void restore_counters(std::uint64_t cut);

    environment& env_;
    std::vector<wal_record> wal_;  ///< The place of a record is its index plus one.
    std::uint64_t flushed_ = 0;
    std::uint64_t replicated_ = 0;
    std::uint64_t next_xid_ = 700;
    std::uint64_t latest_completed_ = 699;
    std::uint64_t last_ended_lsn_ = 0;
    std::uint64_t commits_ = 0;
    std::int64_t sequence_ = 0;
    std::int64_t sequence_logged_ = 0;
    std::uint64_t life_ = 1;

    std::vector<std::shared_ptr<transaction>> open_;   ///< In the process array, or about to be.
    std::vector<std::shared_ptr<transaction>> ended_;  ///< Committed and visible.
    std::map<int, const transaction*> lock_holders_;
    std::map<int, int> versions_;
    std::vector<outbox_row> rows_;

    cursor_row cursor_;
    std::vector<std::pair<std::uint64_t, cursor_row>> cursor_log_;
    std::string life_lease_;
};

}  // namespace onceward::sim
