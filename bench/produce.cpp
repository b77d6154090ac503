#include <stdexcept>

#include "client.hpp"
#include "figures.hpp"
#include "kafka/murmur2.hpp"

namespace onceward::bench {

namespace {

void send_all(producer& to, const load& l, std::uint64_t from, std::uint64_t until,
              const std::string& payload) {
    for (std::uint64_t i = from; i < until; ++i) {
        const std::string key = key_of(l, i);
        to.send(kafka::partition_of(key, l.partitions), key, payload);
    }
}

void check(kafka::rd_error error) {
    if (error) throw std::runtime_error(rd_kafka_error_string(error.get()));
}

}  // namespace

void produce(const load& l) {
    producer to(l.brokers, l.topic);
    const std::string payload = payload_of(l, 0);
    const auto begin = clock::now();
    send_all(to, l, 0, l.events, payload);
    to.finish();
    print_rate(static_cast<double>(l.events), seconds_since(begin));
}

void produce_in_transactions(const load& l, std::uint64_t batch) {
    constexpr int bound_ms = 30'000;
    producer to(l.brokers, l.topic, {{"transactional.id", "onceward-bench-" + l.topic}});
    check(kafka::rd_error(rd_kafka_init_transactions(to.native(), bound_ms)));
    const std::string payload = payload_of(l, 0);
    const auto begin = clock::now();
    for (std::uint64_t from = 0; from < l.events; from += batch) {
        check(kafka::rd_error(rd_kafka_begin_transaction(to.native())));
        send_all(to, l, from, std::min(l.events, from + batch), payload);
        check(kafka::rd_error(rd_kafka_commit_transaction(to.native(), bound_ms)));
    }
    print_rate(static_cast<double>(l.events), seconds_since(begin));
}

}  // namespace onceward::bench
