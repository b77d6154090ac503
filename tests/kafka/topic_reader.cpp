#include "kafka/topic_reader.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "kafka/config.hpp"
#include "kafka/incoming.hpp"

namespace onceward::test {

namespace {

constexpr int metadata_timeout_ms = 20'000;

rd_kafka_t* open(const std::string& brokers) {
    auto conf = kafka::make_conf({{"bootstrap.servers", brokers},
                                  {"group.id", "topic-reader"},
                                  {"enable.auto.commit", "false"},
                                  {"auto.offset.reset", "earliest"}},
                                 {});
    if (!conf) throw std::runtime_error(conf.error().message);
    std::array<char, 512> why{};
    rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf->get(), why.data(), why.size());
    if (consumer == nullptr) throw std::runtime_error(why.data());
    static_cast<void>(conf->release());
    rd_kafka_poll_set_consumer(consumer);
    return consumer;
}

int partitions_of(rd_kafka_t* consumer, const std::string& topic) {
    const kafka::rd_topic handle(rd_kafka_topic_new(consumer, topic.c_str(), nullptr));
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(consumer, 0, handle.get(), &found, metadata_timeout_ms);
    const std::unique_ptr<const rd_kafka_metadata_t,
                          kafka::destroy_with<&rd_kafka_metadata_destroy>>
        owner(found);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || found->topic_cnt != 1 ||
        found->topics[0].partition_cnt == 0) {
        throw std::runtime_error("topic " + topic + " cannot be read");
    }
    return found->topics[0].partition_cnt;
}

}  // namespace

std::string wire_message::header_value(const std::string& name) const {
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const header& h) { return h.name == name; });
    return found == headers.end() ? "" : found->value;
}

topic_reader::topic_reader(const std::string& brokers, const std::string& topic)
    : consumer_(open(brokers)) {
    const int partitions = partitions_of(consumer_, topic);
    const kafka::rd_partitions all(rd_kafka_topic_partition_list_new(partitions));
    for (int p = 0; p < partitions; ++p) {
        rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), p)->offset =
            RD_KAFKA_OFFSET_BEGINNING;
    }
    if (rd_kafka_assign(consumer_, all.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error("topic " + topic + " cannot be assigned");
    }
}

topic_reader::~topic_reader() {
    rd_kafka_assign(consumer_, nullptr);
    rd_kafka_destroy_flags(consumer_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

bool topic_reader::poll(int milliseconds) {
    const kafka::rd_message m(rd_kafka_consumer_poll(consumer_, milliseconds));
    if (!m || m->err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    rd_kafka_timestamp_type_t kind{};
    messages_.push_back({.partition = m->partition,
                         .offset = m->offset,
                         .timestamp_ms = rd_kafka_message_timestamp(m.get(), &kind),
                         .key = kafka::bytes_of(m->key, m->key_len),
                         .payload = kafka::bytes_of(m->payload, m->len),
                         .headers = kafka::headers_of(*m)});
    return true;
}

const std::vector<wire_message>& topic_reader::read(std::size_t count,
                                                    std::chrono::milliseconds bound) {
    const auto deadline = std::chrono::steady_clock::now() + bound;
    while (messages_.size() < count && std::chrono::steady_clock::now() < deadline) poll(100);
    return messages_;
}

bool topic_reader::at_end() {
    return !poll(500);
}

}  // namespace onceward::test
