#include "relay/io/replication_slot.hpp"

#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "relay/core/replication_frame.hpp"
#include "relay/io/sessions.hpp"
#include "sql/embedded.hpp"

namespace onceward::relay_core {

namespace {

constexpr std::chrono::seconds pause_between_tries{1};
constexpr std::chrono::minutes making_bound{10};

struct slot_facts {
    std::string name;
    bool exists = false;
    bool ours = false;
    bool lost = false;
    bool continuous = false;
    std::string active_pid;
    std::string publication;  ///< Empty: it is missing, or is another one.
    std::string changed_by;   ///< The transactions that altered it last, modulo 2^32.
};

result<slot_facts> look_at_slot(pg::connection& session, const relay_options& options, lsn wal) {
    const auto place = wal == 0 ? pg::text_value{} : pg::text_value{to_string(wal)};
    auto r = session.exec(pg::for_schema(sql::text("queries/slot_look.sql"), options.schema),
                          {std::to_string(options.shard), place});
    if (!r) return r.error();
    return slot_facts{.name = std::string(r->text(0, 0)),
                      .exists = r->boolean(0, 1),
                      .ours = r->boolean(0, 2),
                      .lost = r->boolean(0, 3),
                      .continuous = r->boolean(0, 4),
                      .active_pid = r->optional_text(0, 5).value_or(""),
                      .publication = std::string(r->text(0, 6)),
                      .changed_by = std::string(r->text(0, 7))};
}

/// Whether the publication was as it is at everything that `seen` does not see: what is committed
/// while it is another one is not streamed.
bool covers(const slot_facts& s, const snapshot& seen) {
    if (s.publication.empty()) return false;
    const auto& all = s.changed_by;  // {x,y}
    const auto comma = all.find(',');
    for (const auto& text : {all.substr(1, comma - 1), all.substr(comma + 1)}) {
        const auto xid = static_cast<std::uint32_t>(std::strtoul(text.c_str(), nullptr, 10));
        if (!seen.sees(widened(xid, seen.xmax))) return false;
    }
    return true;
}

std::string loss_of(const slot_facts& s) {
    if (!s.exists) return fmt::format("replication slot {} is gone", s.name);
    if (s.lost)
        return fmt::format(
            "replication slot {} was invalidated: it held back more WAL than "
            "max_slot_wal_keep_size allows",
            s.name);
    if (s.continuous)
        return fmt::format("the publication of replication slot {} was altered", s.name);
    return fmt::format(
        "replication slot {} is not the one that was left: it was made anew or "
        "moved on by somebody else",
        s.name);
}

}  // namespace

replication_slot::~replication_slot() {
    if (maker_) stop_making();
}

/// Asks the server to: it would go on making the slot for whoever has left.
void replication_slot::stop_making() {
    const std::unique_ptr<PGcancel, pg::destroy_with<&PQfreeCancel>> cancel(
        PQgetCancel(maker_->native()));
    char why[256];
    if (cancel) static_cast<void>(PQcancel(cancel.get(), why, sizeof why));
    maker_.reset();
}

result<slot_state> replication_slot::prepare(pg::connection& session, const snapshot& seen,
                                             lsn wal) {
    if (maker_) return making(session);
    if (clock::now() < look_at_) return slot_state{};
    return look(session, seen, wal);
}

/// The table is read meanwhile.
slot_state replication_slot::later(const std::string& why) {
    look_at_ = clock::now() + pause_between_tries;
    if (std::exchange(told_, why) != why) trouble_(why);
    return {};
}

result<slot_state> replication_slot::look(pg::connection& session, const snapshot& seen, lsn wal) {
    auto found = look_at_slot(session, options_, wal);
    if (!found) return found.error();
    name_ = found->name;
    publication_ = found->publication;
    if (!found->ours) {
        return later(
            fmt::format("replication slot {} is another program's: drop it, or relay "
                        "another schema",
                        name_));
    }
    if (!found->active_pid.empty()) return end_user(session, found->active_pid);
    if (found->exists && found->continuous && !found->lost && covers(*found, seen))
        return slot_state{.is = slot_state::kind::continuous, .from = wal};
    if (wal > 0 && !std::exchange(loss_told_, true)) loss_(loss_of(*found));
    if (found->exists) {
        if (auto r = drop(session); !r) return later(r.error().message);
    }
    if (publication_.empty()) {
        return later(
            fmt::format("publication {} is missing or was altered; onceward doctor says "
                        "how to mend it",
                        options_.schema));
    }
    if (auto r = begin_making(); !r) return later(r.error().message);
    return slot_state{};
}

/// Who still streams from it has lost the lease.
result<slot_state> replication_slot::end_user(pg::connection& session, const std::string& pid) {
    auto r = session.exec(std::string("SELECT pg_terminate_backend($1::integer)"), {pid});
    look_at_ = clock::now() + std::chrono::milliseconds(100);
    if (r) return slot_state{};
    return later(
        fmt::format("replication slot {} is in use by process {}, which could not be "
                    "ended: {}; run all relays of the outbox as one role",
                    name_, pid, r.error().message));
}

result<done> replication_slot::drop(pg::connection& session) {
    auto r = session.exec(std::string("SELECT pg_drop_replication_slot($1)"), {name_});
    if (!r) return r.error();
    return done{};
}

/// By the replication protocol: a backend that runs pg_create_logical_replication_slot instead does
/// not notice the end of its postmaster, and a server with such a one left cannot start again.
result<done> replication_slot::begin_making() {
    auto maker = pg::connection::open_for_replication(options_.database);
    if (!maker) return maker.error();
    const std::string command =
        fmt::format("CREATE_REPLICATION_SLOT \"{}\" LOGICAL pgoutput NOEXPORT_SNAPSHOT",
                    pg::checked_identifier(name_));
    if (PQsendQuery(maker->native(), command.c_str()) == 0) return maker->error(nullptr);
    maker_.emplace(std::move(*maker));
    give_up_at_ = clock::now() + making_bound;
    return done{};
}

/// Every transaction that had committed before the slot began got its id before this look.
result<slot_state> replication_slot::making(pg::connection& session) {
    PGconn* c = maker_->native();
    if (PQconsumeInput(c) != 0 && PQisBusy(c) != 0) {
        if (clock::now() < give_up_at_) return slot_state{};
        stop_making();
        return later(
            fmt::format("replication slot {} waits for a transaction that has been open for long; "
                        "onceward doctor names it",
                        name_));
    }
    const pg::result_handle made(PQgetResult(c));
    const bool good = PQresultStatus(made.get()) == PGRES_TUPLES_OK;
    const std::string why = good ? "" : maker_->error(made.get()).message;
    constexpr int consistent_point = 1;
    const lsn from = good ? parse_lsn(PQgetvalue(made.get(), 0, consistent_point)) : 0;
    maker_.reset();
    if (!good) return later(fmt::format("replication slot {} cannot be made: {}", name_, why));
    auto now =
        session.exec(std::string("SELECT pg_snapshot_xmax(pg_current_snapshot())::text"), {});
    if (!now) return now.error();
    return slot_state{.is = slot_state::kind::fresh,
                      .from = from,
                      .xids_below = static_cast<std::uint64_t>(now->integer(0, 0))};
}

result<std::string> drop_left_slot(pg::connection& session, const relay_options& options) {
    auto found = look_at_slot(session, options, 0);
    if (!found) return found.error();
    if (!found->exists || !found->ours) return std::string();
    if (!found->active_pid.empty()) {
        auto ended = session.exec(std::string("SELECT pg_terminate_backend($1::integer, 1000)"),
                                  {found->active_pid});
        if (!ended) return ended.error();
    }
    auto r = session.exec(std::string("SELECT pg_drop_replication_slot($1)"), {found->name});
    if (!r) return r.error();
    return found->name;
}

}  // namespace onceward::relay_core
