#pragma once

/// @file
/// A bare Kafka producer and consumer, as far as the probes need them.

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "kafka/config.hpp"
#include "probes.hpp"

namespace onceward::bench {

/// A producer configured as the relay's, and one topic.
class producer {
public:
    /// Connects before it returns, so that no clock counts it.
    producer(const std::string& brokers, const std::string& topic, kafka::properties others = {});
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    /// Waits while librdkafka's queue is full. `payload` must stay valid until it is delivered.
    void send(int partition, std::string_view key, std::string_view payload,
              kafka::rd_headers headers = nullptr);
    /// Waits for all that was sent.
    void finish();
    [[nodiscard]] rd_kafka_t* native() { return client_.get(); }

private:
    void deliver(const rd_kafka_message_t& m);

    std::atomic<std::uint64_t> delivered_{0};
    std::atomic<bool> failed_{false};
    std::uint64_t sent_ = 0;
    kafka::rd_client client_;
    kafka::rd_topic topic_;
    std::jthread poller_;
};

/// Reads all partitions of a topic from their present ends on, on a thread of its own.
class consumer {
public:
    using taker = std::function<void(std::string_view payload)>;

    /// Reads already when it returns.
    consumer(const load& l, taker take);

private:
    void run(const std::stop_token& stop, const taker& take);

    kafka::rd_client client_;
    std::jthread reader_;
};

/// The key of event `number`.
std::string key_of(const load& l, std::uint64_t number);

/// A payload that begins with `number`, and the number that a payload begins with.
std::string payload_of(const load& l, std::uint64_t number);
std::uint64_t number_of(std::string_view payload);

}  // namespace onceward::bench
