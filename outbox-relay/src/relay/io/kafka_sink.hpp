#pragma once

/// @file
/// Produces pieces to Kafka, in order and gapless, and reports what became of them.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "kafka/rd_handle.hpp"
#include "onceward/relay.hpp"
#include "relay/core/refusal.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// What the sink tells the relay's core thread; called on the sink's own thread.
struct sink_reports {
    /// So many events of piece `number` are on the broker.
    std::function<void(std::uint64_t number, std::size_t events)> acknowledged;
    /// The producer must be destroyed and built anew, under a fresh look at the lease.
    std::function<void(refusal)> failed;
    /// Brokers cannot be reached or refuse us: nothing is lost, librdkafka goes on trying.
    std::function<void(std::string reason)> trouble;
    /// librdkafka's statistics, every few seconds.
    std::function<void(std::string_view json)> statistics;
};

/// One producer's life. Any failure ends it: a message that failed would leave a gap that later
/// ones of its key overtake.
///
/// @par Order
/// Events are appended in the order of the calls, per partition; the partition of a key is the Java
/// client's (murmur2).
class kafka_sink {
public:
    /// The origin of a failure that is none: a topic takes less than a batch of this producer, and
    /// the next one makes smaller ones.
    static constexpr const char* smaller_batches_asked = "batch_size";

    /// What librdkafka holds for an event until it is acknowledged, about: the message with its
    /// headers, and its place in a request.
    static constexpr std::size_t bytes_beside = 1'024;

    using partition_count = std::function<result<int>(const std::string& topic, int found)>;

    /// @param one_by_one  Sends every message in a request of its own, to find the one at fault.
    /// @param pin  Called once a topic with the number of partitions found; returns the number to
    /// use.
    /// @param limits  Must outlive this. What is too large for a topic is not sent to it.
    static result<std::unique_ptr<kafka_sink>> open(const relay_options& options, bool one_by_one,
                                                    sink_reports reports, partition_count pin,
                                                    message_limits& limits);

    /// Drops what is in flight and frees the producer, in bounded time.
    ~kafka_sink();
    kafka_sink(const kafka_sink&) = delete;
    kafka_sink& operator=(const kafka_sink&) = delete;

    /// Appends an event of piece `number`; it must stay valid until it is acknowledged.
    /// @return Empty, or what stopped it; the sink is then of no more use.
    std::optional<refusal> produce(std::uint64_t number, const captured_event& e);

    /// Whether the topic is there, may be seen, and has the partitions that it had at first.
    [[nodiscard]] bool can_publish_to(const std::string& topic);

private:
    struct route {
        kafka::rd_topic topic;
        std::int32_t partitions = 0;
        std::optional<std::int64_t> bytes_max{};  ///< Of a batch, as far as it is known.
    };
    struct tally;

    kafka_sink(sink_reports reports, partition_count pin, message_limits& limits);
    std::variant<route*, refusal> route_of(std::string_view topic);
    std::optional<refusal> misfit(const captured_event& e, const rd_kafka_headers_t* headers,
                                  route& to);
    std::variant<int, refusal> partitions_of(const std::string& topic, rd_kafka_topic_t* handle);
    void serve(std::stop_token stop);
    void report_fatal_if_alone();
    void delivered(const rd_kafka_message_t& m);
    void errored(rd_kafka_resp_err_t error, const char* reason);

    sink_reports reports_;
    partition_count pin_;
    message_limits& limits_;
    std::int64_t batch_bytes_ = 0;    ///< What this producer puts into a batch at most.
    std::int64_t message_bytes_ = 0;  ///< What it takes as a message.
    std::string shard_;
    bool one_by_one_ = false;
    std::map<std::string, route, std::less<>> routes_;
    std::unique_ptr<tally> tally_;
    rd_kafka_t* producer_ = nullptr;
    std::jthread server_;
};

}  // namespace onceward::relay_core
