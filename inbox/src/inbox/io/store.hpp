#pragma once

/// @file
/// The inbox's tables, a function a query. None of them begins or ends a transaction.

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <pqxx/transaction_base>

#include "finding.hpp"
#include "inbox/core/admit.hpp"
#include "inbox/core/days.hpp"
#include "inbox/core/partition_flow.hpp"
#include "inbox/core/refusal.hpp"
#include "inbox/io/inbound.hpp"
#include "onceward/inbox.hpp"

namespace onceward::inbox_io {

/// One partition of one topic.
struct place {
    std::string topic;
    std::int32_t partition = 0;

    friend auto operator<=>(const place&, const place&) = default;
};

/// A batch's transaction after `store::fence`.
struct fenced_batch {
    message_id::time_point now;  ///< The database's time.
    std::string xid;             ///< The transaction's id.
};

/// What became of a day partition that nobody needs any more.
struct dropped_day {
    enum class outcome : std::uint8_t { none, dropped, busy } what = outcome::none;
    std::string name{};
};

/// A message that was set aside, and is to be applied after all.
struct dead_letter {
    std::int64_t number = 0;  ///< Names it in inbox_dead.
    bool as_new = false;      ///< Under a new id, of which nothing is known yet.
    inbound what;
};

/// Every function throws what libpqxx throws; the transaction is then aborted.
///
/// @par Thread safety
/// Immutable; one transaction a thread.
class store {
public:
    /// @throws std::invalid_argument  `o.schema` is no identifier.
    explicit store(const inbox_options& o);

    /// Bounds every wait of the transaction. Run first; `fence` does it too. A lock is waited for
    /// no longer than a process that has stopped can hold it.
    void settings(pqxx::transaction_base& tx) const;

    /// What the role or the schema lacks, each with its remedy; empty when all is there.
    std::vector<std::string> missing(pqxx::transaction_base& tx) const;

    /// Says that this consumer remembers ids for `window_days`, and makes the days that it needs.
    inbox_core::kept_days keep_days(pqxx::transaction_base& tx, int window_days) const;

    /// Drops the oldest day of `parent`, inbox or inbox_progress, that nobody needs any more.
    dropped_day drop_day(pqxx::transaction_base& tx, const char* parent) const;

    void create_position(pqxx::transaction_base& tx, const place& at, std::int64_t next_off) const;

    /// Waits for the batch in progress. @return Empty when the position does not exist.
    std::optional<std::int64_t> lock_position(pqxx::transaction_base& tx, const place& at) const;

    /// Fences the former owner; after `lock_position` in the same transaction.
    inbox_core::position take_position(pqxx::transaction_base& tx, const place& at,
                                       const std::string& owner) const;

    void stop_position(pqxx::transaction_base& tx, const place& at, std::int64_t epoch,
                       const std::string& reason) const;

    /// Opens a batch. @return Empty when the epoch is not `epoch` any more.
    std::optional<fenced_batch> fence(pqxx::transaction_base& tx, const place& at,
                                      std::int64_t epoch) const;

    bool progress_exists(pqxx::transaction_base& tx, const place& at, inbox_core::position p) const;

    /// Moves the position.
    /// @throws trouble  This is not the transaction `xid` any more: a handler ended it.
    void add_progress(pqxx::transaction_base& tx, const place& at, inbox_core::position p,
                      const std::string& xid) const;

    /// Inserts the ids that `admission` asks for and answers all that it wants to know.
    void admit(pqxx::transaction_base& tx, std::span<const inbound> batch,
               inbox_core::batch_admission& admission) const;

    /// Keeps a message aside of which nobody can say whether it is new.
    /// @throws trouble  Another message is kept at that place.
    void quarantine(pqxx::transaction_base& tx, const inbound& m, const std::string& reason) const;

    /// Keeps a message aside that its handler has refused.
    /// @throws trouble  Another message is kept at that place, or too many wait already.
    void bury(pqxx::transaction_base& tx, const inbound& m, const inbox_core::refusal& why) const;

    /// Where dead letters wait for being applied again.
    std::set<place> redrive_places(pqxx::transaction_base& tx) const;

    /// The first one of a partition, locked. @return Empty: there is none.
    std::optional<dead_letter> next_redrive(pqxx::transaction_base& tx, const place& at) const;

    /// Settles it.
    /// @throws trouble  As add_progress.
    void redrive_done(pqxx::transaction_base& tx, std::int64_t number,
                      const std::string& xid) const;

    void redrive_failed(pqxx::transaction_base& tx, std::int64_t number,
                        const inbox_core::refusal& why) const;

private:
    [[nodiscard]] std::optional<finding> misfit(pqxx::transaction_base& tx) const;
    void keep_aside(pqxx::transaction_base& tx, const inbound& m, const char* kind,
                    const inbox_core::refusal& why) const;
    void insert_ids(pqxx::transaction_base& tx, std::span<const inbound> batch,
                    inbox_core::batch_admission& admission) const;
    void look_up_ids(pqxx::transaction_base& tx, inbox_core::batch_admission& admission) const;
    [[nodiscard]] std::string query(const char* name) const;

    std::string consumer_;
    std::size_t dead_letters_max_;
    std::string schema_;
    std::string statement_timeout_;
    std::string lock_timeout_;
    std::string idle_timeout_;
    std::string settings_, version_, grants_, days_, drop_day_, create_, lock_, take_, stop_, fence_,
        exists_, progress_, insert_ids_, known_ids_, dead_, dead_waiting_, places_, next_, done_,
        failed_;
};

}  // namespace onceward::inbox_io
