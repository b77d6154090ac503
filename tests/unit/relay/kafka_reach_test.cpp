#include "relay/io/kafka_reach.hpp"

#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

using reach = relay_connection::reach;

TEST(KafkaReach, IsUpWhenAnyBrokerIs) {
    EXPECT_EQ(kafka_reach(R"({"brokers":{"a:1":{"state":"DOWN"},"b:1":{"state":"UP"}}})").now,
              reach::up);
}

TEST(KafkaReach, IsDownWithAReasonWhenNoBrokerIs) {
    const auto seen = kafka_reach(R"({"brokers":{"a:1":{"state":"CONNECT"},"b:1":{}}})");

    EXPECT_EQ(seen.now, reach::down);
    EXPECT_NE(seen.trouble, "");
}

TEST(KafkaReach, IsUnknownFromAnythingElse) {
    for (const char* text : {"", "{", "[]", "{}", R"({"brokers":7})"}) {
        EXPECT_EQ(kafka_reach(text).now, reach::unknown) << text;
    }
}

}  // namespace
}  // namespace onceward::relay_core
