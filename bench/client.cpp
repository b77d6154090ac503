#include "client.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace onceward::bench {

namespace {

constexpr int connect_ms = 10'000;
constexpr auto tick = std::chrono::milliseconds(1);

kafka::rd_client open(rd_kafka_type_t type, kafka::rd_conf conf) {
    char why[512];
    kafka::rd_client client(rd_kafka_new(type, conf.get(), why, sizeof why));
    if (!client) throw std::runtime_error(why);
    static_cast<void>(conf.release());  // the client owns it now
    return client;
}

kafka::rd_conf conf_of(const kafka::properties& properties) {
    auto conf = kafka::make_conf(properties, {});
    if (!conf) throw std::runtime_error(conf.error().message);
    return std::move(*conf);
}

}  // namespace

producer::producer(const std::string& brokers, const std::string& topic, kafka::properties others) {
    others.insert({{"bootstrap.servers", brokers},
                   {"enable.idempotence", "true"},
                   {"linger.ms", "2"},
                   {"batch.num.messages", "10000"},
                   {"queue.buffering.max.messages", "10000000"},
                   {"queue.buffering.max.kbytes", "65536"}});
    auto conf = conf_of(others);
    rd_kafka_conf_set_opaque(conf.get(), this);
    rd_kafka_conf_set_dr_msg_cb(conf.get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* m, void* self) {
                                    static_cast<producer*>(self)->deliver(*m);
                                });
    client_ = open(RD_KAFKA_PRODUCER, std::move(conf));
    topic_.reset(rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(client_.get(), 0, topic_.get(), &found, connect_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error("no broker at " + brokers);
    rd_kafka_metadata_destroy(found);
    poller_ = std::jthread([this](std::stop_token stop) {
        while (!stop.stop_requested()) rd_kafka_poll(client_.get(), 50);
    });
}

void producer::deliver(const rd_kafka_message_t& m) {
    if (m.err != RD_KAFKA_RESP_ERR_NO_ERROR) failed_ = true;
    ++delivered_;
}

void producer::send(int partition, std::string_view key, std::string_view payload,
                    kafka::rd_headers headers) {
    char* const bytes = const_cast<char*>(payload.data());  // NOLINT: librdkafka does not write
    const auto once = [&] {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
        return rd_kafka_producev(
            client_.get(), RD_KAFKA_V_RKT(topic_.get()), RD_KAFKA_V_PARTITION(partition),
            RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(bytes, payload.size()),
            RD_KAFKA_V_HEADERS(headers.get()), RD_KAFKA_V_END);
#pragma GCC diagnostic pop
    };
    auto error = once();
    while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        std::this_thread::sleep_for(tick);
        error = once();
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
    static_cast<void>(headers.release());  // the message owns them now
    ++sent_;
}

void producer::finish() {
    while (delivered_ < sent_) std::this_thread::sleep_for(tick);
    if (failed_) throw std::runtime_error("a message was not delivered");
}

consumer::consumer(const load& l, taker take) {
    client_ = open(RD_KAFKA_CONSUMER, conf_of({{"bootstrap.servers", l.brokers},
                                               {"group.id", "onceward-bench"},
                                               {"enable.auto.commit", "false"}}));
    const kafka::rd_partitions all(rd_kafka_topic_partition_list_new(l.partitions));
    for (int p = 0; p < l.partitions; ++p) {
        std::int64_t low = 0, high = 0;
        if (rd_kafka_query_watermark_offsets(client_.get(), l.topic.c_str(), p, &low, &high,
                                             connect_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error("no broker tells the offsets of " + l.topic);
        }
        rd_kafka_topic_partition_list_add(all.get(), l.topic.c_str(), p)->offset = high;
    }
    rd_kafka_assign(client_.get(), all.get());
    reader_ =
        std::jthread([this, take = std::move(take)](std::stop_token stop) { run(stop, take); });
}

void consumer::run(const std::stop_token& stop, const taker& take) {
    while (!stop.stop_requested()) {
        const kafka::rd_message m(rd_kafka_consumer_poll(client_.get(), 50));
        if (!m || m->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
        take({static_cast<const char*>(m->payload), m->len});
    }
}

std::string key_of(const load& l, std::uint64_t number) {
    return "key-" + std::to_string(number % l.keys);
}

std::string payload_of(const load& l, std::uint64_t number) {
    std::string text = std::to_string(number);
    text.resize(std::max(l.payload, text.size()), 'x');
    return text;
}

std::uint64_t number_of(std::string_view payload) {
    return std::stoull(std::string(payload.substr(0, payload.find('x'))));
}

}  // namespace onceward::bench
