#include "kafka_properties.hpp"

#include <stdexcept>

#include <gtest/gtest.h>

namespace onceward::cli {
namespace {

TEST(KafkaProperties, HaveNamesThatVariablesCanSpell) {
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_SASL_PASSWORD"), "sasl.password");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A__B"), "a-b");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A___B"), "a_b");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A____B"), "a_.b");
}

TEST(KafkaProperties, LeaveOtherVariablesAlone) {
    EXPECT_EQ(property_of("ONCEWARD_BROKERS"), "");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA"), "");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_"), "");
    EXPECT_EQ(property_of("HOME"), "");
}

TEST(KafkaProperties, TakeFlagsOverVariables) {
    const auto found = read_kafka_properties(
        {"linger.ms=7", "client.id=a=b"},
        {"HOME=/root", "ONCEWARD_KAFKA_LINGER_MS=5", "ONCEWARD_KAFKA_SASL_PASSWORD=s3cret"});

    EXPECT_EQ(found, (kafka_properties{
                         {"client.id", "a=b"}, {"linger.ms", "7"}, {"sasl.password", "s3cret"}}));
}

TEST(KafkaProperties, AllowAnEmptyValue) {
    EXPECT_EQ(read_kafka_properties({"debug="}, {}), (kafka_properties{{"debug", ""}}));
}

TEST(KafkaProperties, RefuseAFlagThatIsNoPair) {
    for (const char* flag : {"", "linger.ms", "=5"}) {
        EXPECT_THROW(read_kafka_properties({flag}, {}), std::invalid_argument) << flag;
    }
}

TEST(KafkaProperties, KnowSecretsByName) {
    for (const char* secret : {"sasl.password", "ssl.key.password", "ssl.keystore.password",
                               "sasl.oauthbearer.client.secret", "ssl.key.pem"}) {
        EXPECT_TRUE(is_secret(secret)) << secret;
    }
    for (const char* open : {"sasl.username", "ssl.ca.pem", "linger.ms"}) {
        EXPECT_FALSE(is_secret(open)) << open;
    }
}

}  // namespace
}  // namespace onceward::cli
