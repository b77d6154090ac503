#include "inbox/io/ending.hpp"

#include <fmt/format.h>

#include "inbox/io/classify.hpp"

namespace onceward::inbox_io {

namespace {

ending::kind kind_of(verdict next) {
    switch (next) {
        case verdict::transient:
            return ending::kind::for_now;
        case verdict::in_doubt:
            return ending::kind::in_doubt;
        case verdict::rejected:
        case verdict::fatal:
            return ending::kind::for_good;
    }
    return ending::kind::for_now;
}

}  // namespace

ending ending_of(const std::exception_ptr& thrown, const inbound* in_hand, bool committing,
                 bool open) {
    auto why = classify(thrown);
    const bool lost = lost_session(why) || !open;
    // Only COMMIT itself can be in doubt: a session lost earlier has committed nothing.
    if (committing && lost) why.next = verdict::in_doubt;
    if (!committing && why.next == verdict::in_doubt) why.next = verdict::transient;

    // An SQL error's text may quote values; a handler's own text is its author's choice.
    const bool for_log = why.origin.starts_with("handler:");
    ending e{.how = kind_of(why.next),
             .why = {.by = inbox_core::fault_of(why.origin),
                     .reason = why.message,
                     .sqlstate = inbox_core::sqlstate_of(why.origin)},
             .origin = for_log ? why.message : why.origin,
             .session_lost = lost};
    if (in_hand != nullptr) {
        e.why.reason = fmt::format("offset {}, type \"{}\": {}", in_hand->what.offset,
                                   in_hand->what.type, why.message);
    }
    return e;
}

}  // namespace onceward::inbox_io
