#pragma once

/// @file
/// A Kafka broker inside this process: librdkafka's mock cluster. The default of `onceward dev`.

#include <memory>
#include <string>
#include <vector>

namespace onceward::dev {

struct topic_spec {
    std::string name;
    int partitions = 4;
};

/// `name` or `name:partitions`.
/// @throws std::invalid_argument  It is neither, or there are not 1 to 1,000 partitions.
topic_spec parse_topic(const std::string& text);

/// A broker for trying things out and for tests. Other processes reach it at `bootstrap()`.
///
/// WHAT IT CANNOT DO, and a real Kafka can:
/// - It has no disk: everything is gone when this process ends, and its memory is bounded.
/// - It KEEPS ONLY ABOUT 5 MiB A PARTITION. Older messages vanish, whether consumed or not: a
///   consumer that is further behind loses them. No retention setting changes that.
/// - It has NO TRANSACTIONS that mean anything: a read_committed consumer receives aborted
///   messages, and no producer is fenced. `delivery: exactly-once` must not be tried on it.
/// - It has no access control, no TLS, no compaction, no replication, no admin API, and it does not
///   check the sequence numbers of an idempotent producer: repeats are stored twice.
/// - An unknown topic is made when it is asked for, with 4 partitions.
class embedded_broker {
public:
    /// @throws std::runtime_error  It cannot listen on 127.0.0.1, or a topic cannot be made.
    explicit embedded_broker(const std::vector<topic_spec>& topics = {});
    ~embedded_broker();
    embedded_broker(const embedded_broker&) = delete;
    embedded_broker& operator=(const embedded_broker&) = delete;

    /// host:port of the broker.
    [[nodiscard]] std::string bootstrap() const;

    /// @throws std::runtime_error  There is one of that name.
    void create_topic(const topic_spec& topic);

    /// Cuts all connections and refuses new ones, until `up`. What is stored stays.
    void down();
    void up();

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward::dev
