#include "inbox/io/apply.hpp"

#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "faults/faults.hpp"
#include "inbox/io/context.hpp"

namespace onceward::inbox_io {

namespace {

using inbox_core::admission;

std::vector<inbox_core::identity> identities(std::span<const inbound> batch) {
    std::vector<inbox_core::identity> out;
    out.reserve(batch.size());
    for (const auto& m : batch) out.push_back({m.what.offset, m.id_header, m.payload_hash});
    return out;
}

/// The position after a batch.
std::int64_t end_of(const batch_place& p, std::span<const inbound> batch) {
    return batch.empty() ? p.from.next_off : batch.back().what.offset + 1;
}

/// Measures its own life.
class stopwatch {
public:
    explicit stopwatch(metrics::live_histogram& into) : into_(into) {}
    ~stopwatch() { into_.add(metrics::duration_units(clock::now() - begun_)); }
    stopwatch(const stopwatch&) = delete;
    stopwatch& operator=(const stopwatch&) = delete;

private:
    using clock = std::chrono::steady_clock;
    metrics::live_histogram& into_;
    const clock::time_point begun_ = clock::now();
};

}  // namespace

batch_applier::batch_applier(environment& env, const store& tables, const day_keeper& days,
                             session& s)
    : env_(env),
      tables_(tables),
      days_(days),
      session_(s),
      outbox_({.schema = env.options.schema}) {}

ending batch_applier::apply(const batch_place& p, std::span<const inbound> batch) {
    auto e = [&] {
        try {
            return attempt(p, batch);
        } catch (...) {
            return failed(std::current_exception(), false);
        }
    }();
    if (e.session_lost) session_.drop();
    return e;
}

ending batch_applier::attempt(const batch_place& p, std::span<const inbound> batch) {
    in_hand_ = nullptr;
    const std::int64_t next_off = end_of(p, batch);
    if (faults::planted("early-ack") && !batch.empty()) plant_early_ack(p, next_off);

    const stopwatch running(env_.count.batch);
    open_transaction batch_tx(session_.get());
    auto& tx = batch_tx.tx();
    const auto mine = tables_.fence(tx, p.at, p.from.epoch);
    if (!mine) return {.how = ending::kind::fenced};
    // Redoing a batch in doubt and looking whether it is there are one path: the lock that `fence`
    // took has waited for the end of the transaction in doubt.
    if (p.in_doubt && tables_.progress_exists(tx, p.at, {p.from.epoch, *p.in_doubt})) {
        return {.how = ending::kind::was_there, .next_off = *p.in_doubt};
    }
    const tally did = run(tx, p, batch, *mine);
    faults::crash_point("inbox.before_commit");
    return commit(batch_tx, {.how = ending::kind::committed, .next_off = next_off, .did = did});
}

tally batch_applier::run(pqxx::transaction_base& tx, const batch_place& p,
                         std::span<const inbound> batch, const fenced_batch& mine) {
    const auto facts = identities(batch);
    inbox_core::batch_admission admit(facts, days_.window(mine.now), p.from.next_off);
    tables_.admit(tx, batch, admit);
    faults::crash_point("inbox.after_ids");

    tally did;
    batch_context context(tx, outbox_);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        auto d = admit.of(i);
        if (d.what == admission::duplicate && faults::planted("no-dedup"))
            d.what = admission::apply;
        switch (d.what) {
            case admission::apply:
                take_effect(context, p, batch[i], did);
                break;
            case admission::duplicate:
            case admission::old_replay:
                ++did.duplicates;
                break;
            case admission::quarantine:
                set_aside(tx, batch[i], d.reason);
                ++did.quarantined;
                break;
        }
    }
    // The first statement after the handlers: it notices one that has ended the transaction.
    tables_.add_progress(tx, p.at, {p.from.epoch, end_of(p, batch)}, mine.xid);
    context.flush();
    return did;
}

/// By its handler, or into inbox_dead where an earlier try has condemned it.
void batch_applier::take_effect(batch_context& context, const batch_place& p, const inbound& m,
                                tally& did) {
    if (!p.condemned || p.condemned->offset != m.what.offset) {
        handle(context, m);
        ++did.applied;
        return;
    }
    in_hand_ = &m;
    tables_.bury(context.tx(), m, *p.condemned);
    ++did.dead_lettered;
}

void batch_applier::set_aside(pqxx::transaction_base& tx, const inbound& m,
                              const std::string& reason) {
    in_hand_ = &m;
    tables_.quarantine(tx, m, reason);
    env_.log.warning(fmt::format("{}[{}] offset {} is kept aside in inbox_dead: {}", m.what.topic,
                                 m.what.partition, m.what.offset, reason));
}

void batch_applier::handle(batch_context& context, const inbound& m) {
    const auto* h = env_.handle.find(m.what.topic, m.what.type);
    if (h == nullptr) return;
    in_hand_ = &m;
    context.about(m.what);
    const stopwatch running(env_.count.handler);
    (*h)(context, m.what);
}

ending batch_applier::commit(open_transaction& tx, ending done) {
    try {
        tx.commit();
    } catch (...) {
        auto e = failed(std::current_exception(), true);
        e.next_off = done.next_off;
        e.did = done.did;
        return e;
    }
    faults::crash_point("inbox.after_commit");
    return done;
}

ending batch_applier::failed(const std::exception_ptr& thrown, bool committing) {
    return ending_of(thrown, in_hand_, committing, session_.open());
}

void batch_applier::plant_early_ack(const batch_place& p, std::int64_t next_off) {
    open_transaction tx(session_.get());
    if (const auto mine = tables_.fence(tx.tx(), p.at, p.from.epoch)) {
        tables_.add_progress(tx.tx(), p.at, {p.from.epoch, next_off}, mine->xid);
    }
    tx.commit();
}

}  // namespace onceward::inbox_io
