#include "inbox/io/take.hpp"

#include <thread>

#include <fmt/format.h>

#include "inbox/io/classify.hpp"
#include "kafka/verdict.hpp"
#include "open_transaction.hpp"

namespace onceward::inbox_io {

namespace {

constexpr int answer_ms_max = 5'000;

result<inbox_core::log_range> ask_log_range(rd_kafka_t* kafka, const place& at) {
    inbox_core::log_range log;
    const auto e = rd_kafka_query_watermark_offsets(kafka, at.topic.c_str(), at.partition,
                                                    &log.begin, &log.end, answer_ms_max);
    if (e != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto why = kafka::failure_of(e, fmt::format("Kafka does not say which offsets {}[{}] holds",
                                                    at.topic, at.partition));
        why.next = verdict::transient;
        return why;
    }
    return log;
}

inbox_core::position take_in_transaction(environment& env, const store& tables, session& s,
                                         const place& at, inbox_core::log_range log) {
    open_transaction transaction(s.get());
    auto& tx = transaction.tx();
    tables.settings(tx);
    if (!tables.lock_position(tx, at)) {
        const bool from_begin = env.options.start == start_at::earliest;
        tables.create_position(tx, at, from_begin ? log.begin : log.end);
        tables.lock_position(tx, at);
    }
    const auto position = tables.take_position(tx, at, env.owner);
    transaction.commit();
    return position;
}

/// A new leader may answer with an end that is behind for a moment, so an end before the position
/// is believed only when it is said again.
result<std::string> find_problem(rd_kafka_t* kafka, const place& at, std::int64_t next_off,
                                 inbox_core::log_range log) {
    for (int repeats = 5; next_off > log.end && repeats > 0; --repeats) {
        std::this_thread::sleep_for(std::chrono::milliseconds{300});
        const auto again = ask_log_range(kafka, at);
        if (!again) return again.error();
        log = *again;
    }
    return inbox_core::why_not_resume(next_off, log);
}

}  // namespace

result<taken> take_partition(environment& env, const store& tables, session& s, rd_kafka_t* kafka,
                             const place& at) {
    const auto log = ask_log_range(kafka, at);
    if (!log) return log.error();
    taken t;
    try {
        t.at = take_in_transaction(env, tables, s, at, *log);
    } catch (...) {
        auto why = classify(std::current_exception());
        if (lost_session(why)) s.drop();
        why.next = verdict::transient;
        return why;
    }
    auto problem = find_problem(kafka, at, t.at.next_off, *log);
    if (!problem) return problem.error();
    t.problem = *problem;
    return t;
}

void write_stopped(environment& env, const store& tables, session& s, const place& at,
                   std::int64_t epoch, const std::string& reason) {
    try {
        open_transaction transaction(s.get());
        auto& tx = transaction.tx();
        tables.settings(tx);
        tables.stop_position(tx, at, epoch, reason);
        transaction.commit();
    } catch (...) {
        const auto why = classify(std::current_exception());
        if (lost_session(why)) s.drop();
        env.log.warning(fmt::format("{}[{}] has stopped, and inbox_position could not be told: {}",
                                    at.topic, at.partition, why.origin));
    }
}

}  // namespace onceward::inbox_io
