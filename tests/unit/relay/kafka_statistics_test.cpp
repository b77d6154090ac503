#include "relay/io/kafka_statistics.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace onceward::relay_core {
namespace {

using reach = relay_connection::reach;

TEST(KafkaReach, IsUpWhenAnyBrokerIs) {
    const auto seen =
        read_statistics(R"({"brokers":{"a:1":{"state":"DOWN"},"b:1":{"state":"UP"}}})");

    EXPECT_EQ(seen.reach.now, reach::up);
}

TEST(KafkaReach, IsDownWithAReasonWhenNoBrokerIs) {
    const auto seen = read_statistics(R"({"brokers":{"a:1":{"state":"CONNECT"},"b:1":{}}})").reach;

    EXPECT_EQ(seen.now, reach::down);
    EXPECT_NE(seen.trouble, "");
}

TEST(KafkaReach, IsUnknownFromAnythingElse) {
    for (const char* text : {"", "{", "[]", "{}", R"({"brokers":7})"}) {
        EXPECT_EQ(read_statistics(text).reach.now, reach::unknown) << text;
        EXPECT_FALSE(read_statistics(text).figures) << text;
    }
}

TEST(KafkaFigures, AreInSecondsAndCountEachBroker) {
    const auto seen = read_statistics(
        R"({"msg_cnt":7,"msg_size":900,"brokers":{
            "boot":{"nodeid":-1,"tx":99},
            "b:9092/2":{"nodeid":2,"tx":5},
            "a:9092/1":{"nodeid":1,"tx":40,"txerrs":2,"req_timeouts":1,"txretries":3,
                        "rtt":{"avg":900,"p99":2500},"throttle":{"avg":1,"p99":40}}}})");

    ASSERT_TRUE(seen.figures);
    EXPECT_EQ(seen.figures->queue_messages, 7U);
    EXPECT_EQ(seen.figures->queue_bytes, 900U);
    ASSERT_EQ(seen.figures->brokers.size(), 2U);
    const auto& first = seen.figures->brokers[0];
    EXPECT_EQ(first.id, 1);
    EXPECT_DOUBLE_EQ(first.rtt_s, 0.0025);
    EXPECT_DOUBLE_EQ(first.throttle_s, 0.04);
    EXPECT_EQ(first.requests, 40U);
    EXPECT_EQ(first.retries, 3U);
    EXPECT_EQ(first.errors, 3U);
    EXPECT_EQ(seen.figures->brokers[1].id, 2);
}

TEST(KafkaFigures, AreOfABoundedNumberOfBrokers) {
    auto all = nlohmann::json::object();
    for (int id = 0; id < 100; ++id) all["b" + std::to_string(id)] = {{"nodeid", id}};

    const auto seen = read_statistics(nlohmann::json{{"brokers", all}}.dump());

    ASSERT_EQ(seen.figures->brokers.size(), 64U);
    EXPECT_EQ(seen.figures->brokers.back().id, 63);
}

TEST(KafkaFigures, TakeNoFieldOfAnotherTypeForANumber) {
    const auto seen =
        read_statistics(R"({"msg_cnt":"7","brokers":{"a":{"nodeid":1,"rtt":4,"tx":null}}})");

    ASSERT_TRUE(seen.figures);
    EXPECT_EQ(seen.figures->queue_messages, 0U);
    EXPECT_EQ(seen.figures->brokers[0].rtt_s, 0);
}

}  // namespace
}  // namespace onceward::relay_core
