#include "session.hpp"

namespace onceward::sim {

failure session::lost() {
    return failure{
        .next = verdict::transient, .message = "the connection is gone", .origin = "connection"};
}

void session::let_others_go_on() {
    env_.interleave();
    server_.maybe_crash(env_.faults.crash_between_steps);
    if (owner_.killed) {
        env_.seen.sometimes(seen::relay_killed_in_statement);
        throw process_killed{};
    }
}

bool session::reaches_server() {
    effect_happened_ = false;
    let_others_go_on();
    if (life_ != server_.life()) {
        broken_ = broken_ || !env_.faults.pooler;
        if (!broken_) env_.seen.sometimes(seen::hidden_crash);
        life_ = server_.life();
    }
    if (!broken_ && env_.random.chance(env_.faults.lost_request)) broken_ = true;
    return !broken_;
}

bool session::reply_arrives() {
    if (env_.random.chance(env_.faults.lost_reply)) broken_ = true;
    let_others_go_on();
    return !broken_;
}

}  // namespace onceward::sim
