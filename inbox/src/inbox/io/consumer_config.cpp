#include "inbox/io/consumer_config.hpp"

#include <algorithm>
#include <string>

namespace onceward::inbox_io {

namespace {

kafka::properties guarantees(const inbox_options& o) {
    const auto session = o.session_timeout.count();
    return {
        {"bootstrap.servers", o.brokers},
        {"group.id", o.consumer},
        // The position is in the database; Kafka's own offset is for people who watch lag.
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"isolation.level", "read_committed"},
        {"check.crcs", "true"},
        // Eager: librdkafka 2.0.2's cooperative assignment can lose or loop.
        {"partition.assignment.strategy", "range"},
        {"enable.partition.eof", "false"},
        {"session.timeout.ms", std::to_string(session)},
        {"heartbeat.interval.ms", std::to_string(std::max<long>(session / 3, 1))},
        {"max.poll.interval.ms", std::to_string(std::max<long>(300'000, session))},
        // Logs come out of poll, in our own thread.
        {"log.queue", "true"},
    };
}

/// About 4 MiB wait in each partition's queue; a fetch that is under way may add one MiB.
kafka::properties defaults() {
    return {
        {"client.id", "onceward-inbox"},
        {"queued.max.messages.kbytes", "4096"},
        {"queued.min.messages", "10000"},
        {"fetch.message.max.bytes", "1048576"},
        {"fetch.max.bytes", "8388608"},
        {"fetch.wait.max.ms", "100"},
        // 2.0.2 waits this long also when a queue is full, too long at its default of 500.
        {"fetch.error.backoff.ms", "50"},
        {"reconnect.backoff.max.ms", "2000"},
        // How late a topic is noticed that is made after the consumer has started.
        {"topic.metadata.refresh.interval.ms", "5000"},
        {"socket.keepalive.enable", "true"},
    };
}

}  // namespace

result<kafka::rd_conf> consumer_config(const inbox_options& o) {
    auto users = defaults();
    for (const auto& [name, value] : o.kafka) users[name] = value;
    return kafka::make_conf(guarantees(o), users);
}

}  // namespace onceward::inbox_io
