#include "support/topic_log.hpp"

#include <stdexcept>

#include "kafka/config.hpp"
#include "kafka/incoming.hpp"
#include "kafka/rd_handle.hpp"

namespace onceward::test {

namespace {

record to_record(const rd_kafka_message_t& m) {
    return {.partition = m.partition,
            .offset = m.offset,
            .timestamp_ms = rd_kafka_message_timestamp(&m, nullptr),
            .key = kafka::bytes_of(m.key, m.key_len),
            .value = kafka::bytes_of(m.payload, m.len),
            .headers = kafka::headers_of(m)};
}

}  // namespace

std::string record::header_value(const std::string& name) const {
    for (auto h = headers.rbegin(); h != headers.rend(); ++h) {
        if (h->name == name) return h->value;
    }
    return "";
}

class topic_log::impl {
public:
    impl(const std::string& brokers, const std::string& topic, int partitions) {
        auto conf = kafka::make_conf({{"bootstrap.servers", brokers},
                                      {"group.id", "topic-log"},
                                      {"enable.auto.commit", "false"},
                                      {"fetch.wait.max.ms", "10"},
                                      {"auto.offset.reset", "earliest"}},
                                     {});
        if (!conf) throw std::runtime_error(conf.error().message);
        char why[512];
        client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf->get(), why, sizeof why);
        if (client_ == nullptr) throw std::runtime_error(why);
        static_cast<void>(conf->release());
        const kafka::rd_partitions list(rd_kafka_topic_partition_list_new(partitions));
        for (int p = 0; p < partitions; ++p) {
            rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset =
                RD_KAFKA_OFFSET_BEGINNING;
        }
        if (rd_kafka_assign(client_, list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error("cannot read topic " + topic);
        }
    }
    ~impl() { rd_kafka_destroy_flags(client_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); }

    void poll() {
        const kafka::rd_message m(rd_kafka_consumer_poll(client_, 50));
        if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR) records_.push_back(to_record(*m));
    }

    rd_kafka_t* client_ = nullptr;
    std::vector<record> records_;
};

topic_log::topic_log(const std::string& brokers, const std::string& topic, int partitions)
    : impl_(std::make_unique<impl>(brokers, topic, partitions)) {}

topic_log::~topic_log() = default;

const std::vector<record>& topic_log::read_until(
    const std::function<bool(const std::vector<record>&)>& enough,
    std::chrono::milliseconds bound) {
    const auto deadline = std::chrono::steady_clock::now() + bound;
    while (!enough(impl_->records_) && std::chrono::steady_clock::now() < deadline) impl_->poll();
    return impl_->records_;
}

const std::vector<record>& topic_log::read(std::size_t count, std::chrono::milliseconds bound) {
    return read_until([&](const auto& records) { return records.size() >= count; }, bound);
}

}  // namespace onceward::test
