#include "inbox/io/redrive.hpp"

#include <fmt/format.h>

#include "inbox/io/classify.hpp"
#include "inbox/io/context.hpp"
#include "open_transaction.hpp"

namespace onceward::inbox_io {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds look_interval{2};

}  // namespace

redriver::redriver(environment& env, const store& tables, const day_keeper& days, session& s)
    : env_(env),
      tables_(tables),
      days_(days),
      session_(s),
      outbox_({.schema = env.options.schema}) {}

std::set<place> redriver::look() {
    if (clock::now() - looked_at_ < look_interval) return {};
    looked_at_ = clock::now();
    try {
        return ask();
    } catch (...) {
        const auto why = classify(std::current_exception());
        if (lost_session(why)) session_.drop();
        env_.log.debug(fmt::format("Dead letters could not be looked for ({})", why.origin));
        return {};
    }
}

std::set<place> redriver::ask() {
    open_transaction tx(session_.get());
    tables_.settings(tx.tx());
    auto places = tables_.redrive_places(tx.tx());
    tx.commit();
    return places;
}

ending redriver::redrive(const place& at, inbox_core::position from) {
    in_hand_.reset();
    auto e = [&] {
        try {
            return attempt(at, from);
        } catch (...) {
            return ending_of(std::current_exception(), in_hand_ ? &in_hand_->what : nullptr, false,
                             session_.open());
        }
    }();
    if (e.session_lost) session_.drop();
    if (e.how == ending::kind::for_good && in_hand_) keep_dead(e);
    return e;
}

ending redriver::attempt(const place& at, inbox_core::position from) {
    open_transaction tx(session_.get());
    const auto mine = tables_.fence(tx.tx(), at, from.epoch);
    if (!mine) return {.how = ending::kind::fenced};
    in_hand_ = tables_.next_redrive(tx.tx(), at);
    if (!in_hand_) return {.how = ending::kind::was_there};
    apply(tx.tx(), *mine);
    try {
        tx.commit();
    } catch (...) {
        // Whether it has committed is seen at the next look: the row is settled, or it is not.
        return ending_of(std::current_exception(), nullptr, true, session_.open());
    }
    env_.log.info(fmt::format("{}[{}] at {}: dead letter {} is applied", at.topic, at.partition,
                              in_hand_->what.what.offset, in_hand_->number));
    return {.how = ending::kind::committed};
}

void redriver::apply(pqxx::transaction_base& tx, const fenced_batch& mine) {
    if (in_hand_->as_new) admit_as_new(tx, mine);
    batch_context context(tx, outbox_);
    const auto& m = in_hand_->what.what;
    if (const auto* h = env_.handle.find(m.topic, m.type)) {
        context.about(m);
        (*h)(context, m);
    }
    // The first statement after the handler: it notices one that has ended the transaction.
    tables_.redrive_done(tx, in_hand_->number, mine.xid);
    context.flush();
}

/// Its new id is remembered as any other. An old one was, when it was set aside.
void redriver::admit_as_new(pqxx::transaction_base& tx, const fenced_batch& mine) {
    const auto& m = in_hand_->what;
    const inbox_core::identity facts{m.what.offset, m.id_header, m.payload_hash};
    inbox_core::batch_admission admit({&facts, 1}, days_.window(mine.now), m.what.offset);
    tables_.admit(tx, {&m, 1}, admit);
    const auto d = admit.of(0);
    if (d.what == inbox_core::admission::apply) return;
    throw permanent_error(d.reason.empty() ? "its new id is known already" : d.reason);
}

void redriver::keep_dead(const ending& e) {
    env_.log.warning(fmt::format("Dead letter {} fails again ({}) and waits for a person",
                                 in_hand_->number, e.origin));
    try {
        open_transaction tx(session_.get());
        tables_.settings(tx.tx());
        tables_.redrive_failed(tx.tx(), in_hand_->number, e.why);
        tx.commit();
    } catch (...) {
        // It stays to be redriven, and fails again.
        const auto why = classify(std::current_exception());
        if (lost_session(why)) session_.drop();
        env_.log.warning(fmt::format("inbox_dead could not be told: {}", why.origin));
    }
}

}  // namespace onceward::inbox_io
