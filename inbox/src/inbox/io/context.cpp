#include "inbox/io/context.hpp"

#include <algorithm>

namespace onceward::inbox_io {

namespace {

// Another's header that could not be added again must not make this handler fail.
bool may_be_passed_on(const std::string& value) {
    return value.size() <= 512 &&
           std::all_of(value.begin(), value.end(), [](char c) { return c > 0x1f && c < 0x7f; });
}

void copy_unless_set(std::string& to, const message& from, std::string_view name) {
    if (!to.empty()) return;
    const auto* value = from.header_value(name);
    if (value != nullptr && may_be_passed_on(*value)) to = *value;
}

}  // namespace

event caused_by(const message& cause, event e) {
    const std::string id = cause.id.to_string();
    copy_unless_set(e.correlation_id, cause, "onceward-correlation-id");
    if (e.correlation_id.empty()) e.correlation_id = id;
    if (e.causation_id.empty()) e.causation_id = id;
    if (e.traceparent.empty()) {
        copy_unless_set(e.traceparent, cause, "traceparent");
        copy_unless_set(e.tracestate, cause, "tracestate");
    }
    return e;
}

message_id batch_context::emit(event e) {
    e = caused_by(*current_, std::move(e));
    const std::string broken = broken_limit(e);
    if (!broken.empty()) throw limit_exceeded(broken + "; nothing was added");
    if (!e.id) e.id = new_message_id();
    emitted_.push_back(std::move(e));
    return *emitted_.back().id;
}

void batch_context::flush() {
    if (!emitted_.empty()) outbox_.add(tx_, emitted_);
    emitted_.clear();
}

}  // namespace onceward::inbox_io
