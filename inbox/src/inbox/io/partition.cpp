#include "inbox/io/partition.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace onceward::inbox_io {

namespace {

constexpr std::size_t hand_bytes_max = 4 * 1024 * 1024;

inbox_core::flow_limits limits_of(const inbox_options& o) {
    return {.batch_max = o.batch_max,
            .retry_min = o.retry_min,
            .retry_max = o.retry_max,
            .take_pause = o.session_timeout / 3,
            .dead_letter = o.on_permanent == on_permanent_error::dead_letter};
}

/// Errors after which librdkafka goes on behind messages that it did not deliver.
bool skips_messages(rd_kafka_resp_err_t e) {
    switch (e) {  // NOLINT(clang-diagnostic-switch-enum): librdkafka has two hundred
        case RD_KAFKA_RESP_ERR__BAD_MSG:
        case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
        case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
        case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
            return true;
        default:
            return false;
    }
}

void signal_worker(rd_kafka_t*, void* opaque) {
    static_cast<wakeup*>(opaque)->notify();
}

}  // namespace

partition::partition(environment& env, rd_kafka_t* k, place p, inbox_core::position from,
                     std::shared_ptr<wakeup> worker)
    : at(std::move(p)),
      kafka(k),
      flow(from, limits_of(env.options)),
      redrive_retry(env.options.retry_min, env.options.retry_max),
      applied_off(from.next_off),
      env_(env),
      worker_(std::move(worker)),
      queue_(rd_kafka_queue_get_partition(k, at.topic.c_str(), at.partition)) {}

partition::~partition() {
    close_queue();
}

void partition::close_queue() {
    if (queue_) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
    queue_.reset();
}

void partition::detach_queue() {
    if (!queue_) return;
    rd_kafka_queue_forward(queue_.get(), nullptr);
    rd_kafka_queue_cb_event_enable(queue_.get(), &signal_worker, worker_.get());
}

void partition::fill(std::size_t messages) {
    while (hand.size() < messages && hand_bytes_ < hand_bytes_max && broken_log.empty() && queue_) {
        const kafka::rd_message m{rd_kafka_consume_queue(queue_.get(), 0)};
        if (!m) return;
        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            take(*m);
        } else {
            take_error(*m);
        }
    }
}

void partition::take(const rd_kafka_message_t& m) {
    ++env_.count.received;
    if (!flow.wants(m.offset)) return;
    if (!hand.empty() && m.offset <= hand.back().what.offset) {
        rewind_wanted = true;  // Not in order: nobody knows what is missing, so read it all again.
        return;
    }
    hand.push_back(read_message(m));
    hand_bytes_ += hand.back().bytes();
}

void partition::take_error(const rd_kafka_message_t& m) {
    if (m.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
    const auto text = fmt::format("{} ({})", rd_kafka_message_errstr(&m), rd_kafka_err2name(m.err));
    if (skips_messages(m.err)) {
        broken_log = "Kafka's log cannot be read on from here: " + text;
    } else {
        env_.log.warning(fmt::format("{}[{}]: {}", at.topic, at.partition, text));
    }
}

std::string partition::rewind() {
    rewind_wanted = false;  // What is asked for from here on is asked for anew.
    const kafka::rd_partitions list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), at.topic.c_str(), at.partition)->offset =
        flow.at().next_off;
    const kafka::rd_error e{rd_kafka_seek_partitions(kafka, list.get(), 5'000)};
    if (e) return rd_kafka_error_string(e.get());
    if (list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        return rd_kafka_err2str(list->elems[0].err);
    hand.clear();
    hand_bytes_ = 0;
    broken_log.clear();
    return {};
}

void partition::drop_done() {
    while (!hand.empty() && !flow.wants(hand.front().what.offset)) {
        hand_bytes_ -= std::min(hand_bytes_, hand.front().bytes());
        hand.pop_front();
    }
}

}  // namespace onceward::inbox_io
