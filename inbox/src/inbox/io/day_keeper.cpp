#include "inbox/io/day_keeper.hpp"

#include <fmt/format.h>

#include "faults/faults.hpp"
#include "inbox/io/classify.hpp"
#include "open_transaction.hpp"

namespace onceward::inbox_io {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::minutes round = 1h;
constexpr auto round_after_trouble = 1min;
constexpr auto round_after_busy = 10min;

}  // namespace

void day_keeper::learn(pqxx::transaction_base& tx) {
    if (faults::planted("early-drop")) {
        tables_.keep_days(tx, 1);
        while (tables_.drop_day(tx, "inbox").what == dropped_day::outcome::dropped) {
        }
    }
    set(tables_.keep_days(tx, env_.options.window_days));
}

void day_keeper::keep_if_due(session& s) {
    if (clock::now().time_since_epoch().count() < due_) return;
    const std::unique_lock mine(keeping_, std::try_to_lock);
    if (!mine) return;
    const auto next = keep(s);
    warn_when_few_are_left();
    due_ = (clock::now() + next).time_since_epoch().count();
}

/// @return The time to the next round.
std::chrono::minutes day_keeper::keep(session& s) {
    try {
        set(make(s));
        const bool ids = drop_old(s, "inbox");
        const bool progress = drop_old(s, "inbox_progress");
        return ids && progress ? round : round_after_busy;
    } catch (...) {
        const auto why = classify(std::current_exception());
        if (lost_session(why)) s.drop();
        env_.log.warning(fmt::format(
            "The inbox's day partitions could not be looked after ({}), next try in {} minutes",
            why.origin, round_after_trouble.count()));
        return round_after_trouble;
    }
}

inbox_core::kept_days day_keeper::make(session& s) {
    open_transaction tx(s.get());
    tables_.settings(tx.tx());
    const auto kept = tables_.keep_days(tx.tx(), env_.options.window_days);
    tx.commit();
    return kept;
}

bool day_keeper::drop_old(session& s, const char* parent) {
    for (;;) {
        open_transaction tx(s.get());
        tables_.settings(tx.tx());
        const auto day = tables_.drop_day(tx.tx(), parent);
        tx.commit();
        switch (day.what) {
            case dropped_day::outcome::none:
                return true;
            case dropped_day::outcome::busy:
                env_.log.debug(
                    fmt::format("{} {} is in use, it is dropped later", parent, day.name));
                return false;
            case dropped_day::outcome::dropped:
                env_.log.info(fmt::format("{} is dropped: no consumer judges by it", day.name));
        }
    }
}

void day_keeper::set(const inbox_core::kept_days& kept) {
    const std::lock_guard lock(mutex_);
    kept_ = kept;
    if (faults::planted("early-drop")) kept_.ids_since = {};
    heard_at_ = clock::now();
}

void day_keeper::warn_when_few_are_left() {
    const std::lock_guard lock(mutex_);
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const int left = inbox_core::days_left(now, kept_);
    if (left >= inbox_core::days_left_min) return;
    env_.log.warning(fmt::format(
        "The inbox has day partitions for {} days after today and cannot make more; run `onceward "
        "inbox maintain` as the owner of the schema",
        left));
}

inbox_core::id_window day_keeper::window(message_id::time_point now) const {
    const std::lock_guard lock(mutex_);
    const auto known_for =
        std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - heard_at_);
    if (const auto why = inbox_core::why_not_judge(now, kept_, known_for); !why.empty()) {
        throw transient_error(why);
    }
    return inbox_core::window_at(now, std::chrono::days{env_.options.window_days}, kept_);
}

}  // namespace onceward::inbox_io
