#pragma once

/// @file
/// What the relay's core needs of the world. The comments are contracts.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onceward/result.hpp"
#include "relay/core/event.hpp"
#include "relay/core/outbox_decoder.hpp"
#include "relay/core/router.hpp"
#include "relay/core/snapshot.hpp"

namespace onceward::relay_core {

/// What one statement saw of the outbox.
struct opened_window {
    snapshot hi;            ///< The statement's own snapshot: the window's end.
    std::string wal_end;    ///< A place in the WAL behind every commit that `hi` sees.
    bool durable = false;   ///< The WAL was flushed, here and on synchronous standbys, up to there.
    bool alive = false;     ///< The lease's proof of life was still there.
    chunk events;           ///< Of the window (lo, hi], in no order.
    bool complete = false;  ///< All of the window's events; otherwise there are more, or larger.
};

/// One run of a large window, in order of sequence numbers.
struct run_query {
    std::uint64_t latecomer = 0;  ///< The rows of this transaction; 0: of all that began after lo.
    std::int64_t after = 0;       ///< Only rows behind this sequence number.
};

struct run_chunk {
    chunk events;
    bool last = false;  ///< The run has no more rows.
};

/// Whether a lease's proof of life is still there, and the WAL durable up to a place.
struct confirmation {
    bool alive = false;
    bool durable = false;
};

/// Reads the outbox of one shard, under one lease. Every call is one statement.
///
/// After a failure nothing is known about the session; the caller starts anew.
struct outbox_reader {
    virtual ~outbox_reader() = default;

    /// Sees what has been committed since `lo`, up to the bounds of a piece.
    virtual result<opened_window> open(const snapshot& lo) = 0;

    /// Those of `xids` that have rows.
    virtual result<std::vector<std::uint64_t>> with_rows(
        const std::vector<std::uint64_t>& xids) = 0;

    /// A sequence number below all rows of the window that began after `lo`: the tightest one that
    /// is cheap to find.
    virtual result<std::int64_t> floor(const snapshot& lo, const snapshot& hi) = 0;

    /// The next rows of a run of the window (lo, hi], at most `events_max`, and about `bytes_max`.
    virtual result<run_chunk> read_run(const snapshot& lo, const snapshot& hi, const run_query& run,
                                       std::size_t events_max, std::size_t bytes_max) = 0;

    virtual result<confirmation> confirm(const std::string& wal_end) = 0;

    /// Makes everything that is visible now durable, by a synchronous commit.
    virtual result<confirmation> barrier() = 0;
};

/// A shard's replication slot, as far as it has been made.
struct slot_state {
    enum class kind : std::uint8_t {
        pending,     ///< It is being made, or its last user does not let go of it yet.
        continuous,  ///< It has everything that was committed after the place that was asked for.
        fresh,       ///< It has everything that was committed after it was made.
    } is = kind::pending;
    std::uint64_t from = 0;  ///< The place in the WAL behind which it has everything.
    /// Of a fresh one: what was committed before `from` has a lower transaction id. It need not be
    /// visible yet, where a commit waits for a standby.
    std::uint64_t xids_below = 0;
};

/// A place in the stream, and what ended before it.
struct wal_mark {
    std::string name;    ///< Known to nobody else, so that no other's mark is taken for it.
    snapshot ended;      ///< What it sees was committed before the mark, or not at all.
    bool intact = true;  ///< In this snapshot the stream still has all of the outbox.
};

/// Reads the WAL for one shard, under one lease.
struct wal_reader {
    virtual ~wal_reader() = default;

    /// Goes on with making the slot ready. Does not wait.
    /// @param seen  What is wanted is not visible in it.
    /// @param wal   The place in the WAL behind which it was committed; 0: none is known.
    virtual result<slot_state> prepare(const snapshot& seen, std::uint64_t wal) = 0;

    /// Begins to read behind `from`, once the slot is ready.
    virtual result<done> start(std::uint64_t from) = 0;

    /// The next part of the stream; an event's fields are copied to `memory`.
    /// @param wait  Wait a little where nothing is there.
    /// @return Empty when nothing has come; a failure with origin "stream" when this slot will
    ///         never bring what follows.
    virtual result<std::optional<decoded>> next(arena& memory, bool wait) = 0;

    /// Everything that was committed before this place was handed over.
    [[nodiscard]] virtual std::uint64_t looked_at() const = 0;

    /// Whether enough time has passed since the last mark.
    [[nodiscard]] virtual bool mark_is_due() const = 0;

    /// Writes a mark into the WAL; it comes as a `decoded_mark` by its name.
    virtual result<wal_mark> mark() = 0;

    /// Whether the stream still has all of the outbox; looked at now and then, else true.
    virtual result<bool> intact() = 0;

    /// The slot is of no more use; another one may be prepared.
    virtual void abandon(const std::string& why) = 0;

    /// Nothing before `wal` is wanted any more.
    virtual void confirm(std::uint64_t wal) = 0;

    /// Keeps the stream from being taken for dead.
    virtual result<done> keep_alive() = 0;
};

/// Reads an outbox in order, piece by piece. The two engines differ here and nowhere else.
struct capture {
    virtual ~capture() = default;

    /// The events after the ones that the previous call returned, in publishing order.
    /// @return A piece without events when there is nothing to publish now; its end may still be
    ///         further on. `fatal` when the lease's proof of life is gone: then nothing that was
    ///         read and not yet stored may be trusted.
    virtual result<piece> read() = 0;

    /// Whether `read` waits by itself where nothing has come.
    [[nodiscard]] virtual bool waits() const { return false; }

    /// The cursor row now says that everything before this place in the WAL is acknowledged.
    virtual void stored(std::uint64_t /*wal*/) {}

    /// To be called every second or so while nothing is read.
    virtual result<done> rest() { return done{}; }
};

/// The lease and the place from which its holder goes on.
struct lease {
    std::string id;  ///< The fencing token.
    std::int64_t epoch = 0;
    std::string incarnation;
    int bucket_from = 0;
    int bucket_to = 255;
    position start;
    std::string reason;  ///< What the cursor row says is wrong; empty: nothing.
};

/// What has left the order of the outbox: dead letters, and the events of topics that cannot be
/// published to for now.
///
/// Every write is conditional on the lease and on its proof of life, as the cursor's. A call that
/// returns `fatal` with origin "fenced" has changed nothing, and the caller must stop.
struct aside_store {
    virtual ~aside_store() = default;

    /// What the lease's holder must not publish as it comes.
    virtual result<exceptions> load() = 0;

    /// Makes an event a dead letter, which is its tombstone too: `load` names it from now on, until
    /// the cursor has passed it.
    virtual result<done> bury(const lease& held, const event_ref& event,
                              const std::string& reason) = 0;

    /// From the next lease on, `load` names the topic.
    virtual result<done> hold_topic(const lease& held, const std::string& topic,
                                    const std::string& reason) = 0;

    /// Keeps events of held topics, behind the ones that wait. What is there already stays in its
    /// place.
    /// @return How many were not there.
    virtual result<std::size_t> hold(const lease& held, std::span<const event_ref> events) = 0;

    /// The events of a held topic that wait longest, in the order in which they were held.
    virtual result<chunk> held(const std::string& topic, std::size_t events_max,
                               std::size_t bytes_max) = 0;

    /// How many events of held topics wait.
    virtual result<std::size_t> count_held() = 0;

    /// Forgets held events that are published now.
    virtual result<done> unhold(const lease& held, std::span<const event_ref> events) = 0;

    /// The topic's events are published as they come again; nothing where one still waits.
    virtual result<done> release_topic(const lease& held, const std::string& topic) = 0;
};

/// What topics take at most: max.message.bytes, which bounds a batch of messages as it is sent.
///
/// A call may wait a moment for brokers, much shorter than a lease lasts.
struct message_limits {
    virtual ~message_limits() = default;

    /// As last read. Empty: brokers have not told, and may refuse what is sent.
    virtual std::optional<std::int64_t> of(const std::string& topic) = 0;

    /// As it is now, to be asked before an event is judged by it. Empty: no answer came in time.
    virtual std::optional<std::int64_t> asked_anew(const std::string& topic) = 0;

    /// The lowest one that is known.
    [[nodiscard]] virtual std::optional<std::int64_t> lowest() const = 0;
};

/// The cursor row: who may publish a shard, and from where a successor goes on.
///
/// Every write is conditional on the lease and on its proof of life. A call that returns `fatal`
/// with origin "fenced" has changed nothing, and the caller must stop.
struct cursor_store {
    virtual ~cursor_store() = default;

    /// Takes the lease if it is free, expired, or was this process's own (`last_lease_id`).
    /// @return A lease with an empty id when another holds it.
    virtual result<lease> acquire(const std::string& last_lease_id) = 0;

    /// Makes `p` the place from which a successor resumes, and extends the lease.
    virtual result<done> store(const lease& held, const position& p) = 0;

    /// Gives the lease back, so that a successor need not wait for its end.
    virtual result<done> release(const lease& held) = 0;

    /// Shows in the cursor row why the shard does not move; an empty reason: it moves.
    virtual result<done> report(const lease& held, bool stopped, const std::string& reason) = 0;

    /// Remembers how many partitions `topic` had when it was first published to.
    /// @return The remembered number, which the caller compares with its own.
    virtual result<int> pin_partitions(const std::string& topic, int partitions) = 0;
};

}  // namespace onceward::relay_core
