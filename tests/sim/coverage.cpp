#include "coverage.hpp"

namespace onceward::sim {

std::string_view name_of(seen what) {
    switch (what) {
        case seen::server_crash:
            return "server crashed";
        case seen::hidden_crash:
            return "session survived a crash behind a pooler";
        case seen::xids_handed_out_again:
            return "xids handed out again under a living relay";
        case seen::failover_lost_published:
            return "failover lost published events";
        case seen::life_was_gone:
            return "proof of life found gone";
        case seen::async_commit_lost:
            return "asynchronous commit lost in a crash";
        case seen::visibility_swapped:
            return "commits visible against their records' order";
        case seen::late_commit:
            return "commit after 20 that began later";
        case seen::sequence_jumped:
            return "sequence jumped";
        case seen::empty_window_not_durable:
            return "empty window not durable";
        case seen::barrier_needed:
            return "flush barrier needed";
        case seen::large_window:
            return "large window";
        case seen::large_window_not_durable:
            return "large window not durable";
        case seen::large_window_with_latecomers:
            return "large window with latecomers";
        case seen::window_resumed_inside:
            return "window resumed in the middle";
        case seen::many_runs_merged:
            return "merge of three or more runs";
        case seen::drained_under_open_transaction:
            return "drained under an open transaction";
        case seen::store_in_doubt_done:
            return "store in doubt, done";
        case seen::store_in_doubt_not_done:
            return "store in doubt, not done";
        case seen::fenced_store:
            return "store fenced";
        case seen::lease_ran_out:
            return "lease ran out by the holder's clock";
        case seen::zombie_published:
            return "zombie published after the takeover";
        case seen::relay_killed:
            return "relay killed";
        case seen::relay_killed_in_statement:
            return "relay killed in a statement";
        case seen::relay_drained:
            return "relay drained and released its lease";
        case seen::late_append:
            return "append of a destroyed producer";
        case seen::producer_failed:
            return "producer failed";
        case seen::batch_refused:
            return "batch refused";
        case seen::event_buried:
            return "event became a dead letter";
        case seen::tombstone_skipped:
            return "dead letter skipped";
        case seen::event_redriven:
            return "dead letter redriven";
        case seen::repeat_in_log:
            return "repeat in the log";
        case seen::duplicate_dropped:
            return "duplicate dropped by the inbox";
        case seen::consumer_killed:
            return "consumer killed";
        case seen::consumer_killed_after_commit:
            return "consumer killed after its commit";
        case seen::consumer_fenced:
            return "consumer fenced";
        case seen::consumer_took_again:
            return "consumer took a partition again";
        case seen::idle_transaction_ended:
            return "idle transaction of a zombie ended";
        case seen::commit_in_doubt_was_there:
            return "commit in doubt was there";
        case seen::commit_in_doubt_was_not:
            return "commit in doubt was not there";
        case seen::message_isolated:
            return "messages applied one by one";
        case seen::stopped_at_poison:
            return "partition stopped at a poisonous message";
        case seen::dead_lettered:
            return "poisonous message set aside";
        case seen::dead_letter_came_again:
            return "dead letter came again from Kafka";
        case seen::redriven:
            return "dead letter redriven";
        case seen::redriven_in_vain:
            return "dead letter redriven in vain";
        case seen::position_put_back:
            return "position put back by a person";
        case seen::count_:
            break;
    }
    return "?";
}

}  // namespace onceward::sim
