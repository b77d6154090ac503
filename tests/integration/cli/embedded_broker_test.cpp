#include "dev/embedded_broker.hpp"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "kafka/rd_handle.hpp"
#include "support/eventually.hpp"

namespace onceward::dev {
namespace {

using client = std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>>;

client connect(rd_kafka_type_t type, const std::string& brokers) {
    std::array<char, 512> error{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), error.data(), error.size());
    rd_kafka_conf_set(conf, "log_level", "0", error.data(), error.size());
    if (type == RD_KAFKA_CONSUMER) {
        rd_kafka_conf_set(conf, "group.id", "test", error.data(), error.size());
    }
    return client(rd_kafka_new(type, conf, error.data(), error.size()));
}

void produce(rd_kafka_t* producer, const std::string& topic, const std::string& value) {
    const std::unique_ptr<rd_kafka_topic_t, kafka::destroy_with<&rd_kafka_topic_destroy>> handle(
        rd_kafka_topic_new(producer, topic.c_str(), nullptr));
    ASSERT_EQ(rd_kafka_produce(handle.get(), 0, RD_KAFKA_MSG_F_COPY,
                               const_cast<char*>(value.data()), value.size(), nullptr, 0, nullptr),
              0);
}

int partitions_of(rd_kafka_t* any, const std::string& topic) {
    rd_kafka_topic_t* handle = rd_kafka_topic_new(any, topic.c_str(), nullptr);
    const struct rd_kafka_metadata* metadata = nullptr;
    const auto error = rd_kafka_metadata(any, 0, handle, &metadata, 10'000);
    const int count = error == RD_KAFKA_RESP_ERR_NO_ERROR ? metadata->topics[0].partition_cnt : -1;
    if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(handle);
    return count;
}

TEST(EmbeddedBroker, HasTheTopicsThatWereAskedFor) {
    embedded_broker broker({{"orders", 3}, {"payments", 12}});
    const auto producer = connect(RD_KAFKA_PRODUCER, broker.bootstrap());

    EXPECT_EQ(partitions_of(producer.get(), "orders"), 3);
    EXPECT_EQ(partitions_of(producer.get(), "payments"), 12);
}

TEST(EmbeddedBroker, HandsOverWhatWasProduced) {
    embedded_broker broker({{"orders", 1}});
    const auto producer = connect(RD_KAFKA_PRODUCER, broker.bootstrap());
    produce(producer.get(), "orders", "hello");
    ASSERT_EQ(rd_kafka_flush(producer.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);

    const auto consumer = connect(RD_KAFKA_CONSUMER, broker.bootstrap());
    const kafka::rd_partitions list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), "orders", 0)->offset = 0;
    ASSERT_EQ(rd_kafka_assign(consumer.get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);

    std::string got;
    EXPECT_TRUE(test::eventually([&] {
        const kafka::rd_message m(rd_kafka_consumer_poll(consumer.get(), 100));
        if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            got.assign(static_cast<char*>(m->payload), m->len);
        return !got.empty();
    }));
    EXPECT_EQ(got, "hello");
    rd_kafka_consumer_close(consumer.get());
}

// The limit that its users must know: see the header.
TEST(EmbeddedBroker, ForgetsTheOldestBeyondFiveMebibytesAPartition) {
    embedded_broker broker({{"orders", 1}});
    const auto producer = connect(RD_KAFKA_PRODUCER, broker.bootstrap());
    const std::string value(100'000, 'x');
    for (int i = 0; i < 80; ++i) {
        produce(producer.get(), "orders", value);
        ASSERT_EQ(rd_kafka_flush(producer.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    }

    std::int64_t low = 0;
    std::int64_t high = 0;
    ASSERT_EQ(rd_kafka_query_watermark_offsets(producer.get(), "orders", 0, &low, &high, 10'000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(high, 80);
    EXPECT_GT(low, 0);
    EXPECT_LT((high - low) * 100'000, 6'000'000);
}

TEST(EmbeddedBroker, IsUnreachableWhileDownAndKeepsItsMessages) {
    embedded_broker broker({{"orders", 1}});
    const auto producer = connect(RD_KAFKA_PRODUCER, broker.bootstrap());
    produce(producer.get(), "orders", "before");
    ASSERT_EQ(rd_kafka_flush(producer.get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);

    broker.down();
    produce(producer.get(), "orders", "meanwhile");
    EXPECT_EQ(rd_kafka_flush(producer.get(), 300), RD_KAFKA_RESP_ERR__TIMED_OUT);
    broker.up();

    EXPECT_EQ(rd_kafka_flush(producer.get(), 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
    std::int64_t low = 0;
    std::int64_t high = 0;
    ASSERT_EQ(rd_kafka_query_watermark_offsets(producer.get(), "orders", 0, &low, &high, 10'000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(high, 2);
}

TEST(EmbeddedBroker, ReadsATopicWithAndWithoutItsPartitions) {
    EXPECT_EQ(parse_topic("orders").partitions, 4);
    EXPECT_EQ(parse_topic("orders:12").name, "orders");
    EXPECT_EQ(parse_topic("orders:12").partitions, 12);
}

TEST(EmbeddedBroker, RefusesWhatIsNoTopic) {
    for (const char* text : {"", ":3", "a b", "orders:", "orders:0", "orders:1001", "orders:x",
                             "orders:3x", "..", "orders:3:3"}) {
        EXPECT_THROW(parse_topic(text), std::invalid_argument) << text;
    }
}

}  // namespace
}  // namespace onceward::dev
