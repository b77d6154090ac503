#pragma once

/// @file
/// Produces pieces to Kafka, in order and gapless, and reports what became of them.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "kafka/rd_handle.hpp"
#include "onceward/relay.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// What the sink tells the relay's core thread; called on the sink's own thread.
struct sink_reports {
    /// So many events of piece `number` are on the broker.
    std::function<void(std::uint64_t number, std::size_t events)> acknowledged;
    /// The producer must be destroyed and built anew, under a fresh look at the lease.
    std::function<void(failure)> failed;
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
    using partition_count = std::function<result<int>(const std::string& topic, int found)>;

    /// @param one_by_one  Sends every message in a request of its own, to find the one at fault.
    /// @param pin  Called once a topic with the number of partitions found; returns the number to
    /// use.
    static result<std::unique_ptr<kafka_sink>> open(const relay_options& options, bool one_by_one,
                                                    sink_reports reports, partition_count pin);

    /// Drops what is in flight and frees the producer, in bounded time.
    ~kafka_sink();
    kafka_sink(const kafka_sink&) = delete;
    kafka_sink& operator=(const kafka_sink&) = delete;

    /// Appends all events of `p`, which must stay valid until they are acknowledged.
    /// @return A failure names what stopped it; the sink is then of no more use.
    result<done> produce(std::uint64_t number, const piece& p);

private:
    struct route {
        kafka::rd_topic topic;
        std::int32_t partitions = 0;
    };
    struct tally;

    kafka_sink(sink_reports reports, partition_count pin);
    result<const route*> route_of(std::string_view topic);
    result<int> partitions_of(const std::string& topic, rd_kafka_topic_t* handle);
    result<done> append(std::uint64_t number, const captured_event& e);
    void serve(std::stop_token stop);
    void report_fatal_if_alone();
    void delivered(const rd_kafka_message_t& m);
    void errored(rd_kafka_resp_err_t error, const char* reason);

    sink_reports reports_;
    partition_count pin_;
    std::string shard_;
    std::map<std::string, route, std::less<>> routes_;
    std::unique_ptr<tally> tally_;
    rd_kafka_t* producer_ = nullptr;
    std::jthread server_;
};

}  // namespace onceward::relay_core
