#include "options/property.hpp"

#include <gtest/gtest.h>

namespace onceward::options {
namespace {

constexpr std::string_view prefix = "ONCEWARD_KAFKA_";

TEST(KafkaProperties, HaveNamesThatVariablesCanSpell) {
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_SASL_PASSWORD", prefix), "sasl.password");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A__B", prefix), "a-b");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A___B", prefix), "a_b");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_A____B", prefix), "a_.b");
}

TEST(KafkaProperties, LeaveOtherVariablesAlone) {
    EXPECT_EQ(property_of("ONCEWARD_BROKERS", prefix), "");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA", prefix), "");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_", prefix), "");
    EXPECT_EQ(property_of("HOME", prefix), "");
}

TEST(KafkaProperties, NameTheFileOfASecretByASuffix) {
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_SASL_PASSWORD_FILE", prefix), "sasl.password_file");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_SSL_KEY_PEM_FILE", prefix), "ssl.key.pem_file");
    EXPECT_EQ(property_of("ONCEWARD_KAFKA_LINGER_MS_FILE", prefix), "linger.ms.file");
}

TEST(KafkaProperties, KeepTheStrongestOrigin) {
    property_map all;
    EXPECT_EQ(put(all, "linger.ms", {.value = "1", .from = origin::environment}), "");
    EXPECT_EQ(put(all, "linger.ms", {.value = "2", .from = origin::file}), "");
    EXPECT_EQ(all.at("linger.ms").value, "1");
    EXPECT_EQ(put(all, "linger.ms", {.value = "3", .from = origin::flag}), "");
    EXPECT_EQ(all.at("linger.ms").value, "3");
}

TEST(KafkaProperties, ReplaceASecretsFileByAStrongerValue) {
    property_map all;
    EXPECT_EQ(put(all, "sasl.password_file", {.value = "/run/s", .from = origin::file}), "");
    EXPECT_TRUE(all.at("sasl.password").in_file);
    EXPECT_EQ(put(all, "sasl.password", {.value = "s3cret", .from = origin::environment}), "");
    EXPECT_FALSE(all.at("sasl.password").in_file);
    EXPECT_EQ(all.size(), 1U);
}

TEST(KafkaProperties, RefuseTwoValuesOfOneOriginWithoutShowingThem) {
    property_map all;
    put(all, "sasl.password", {.value = "s3cret", .from = origin::flag, .place = "--kafka"});
    const std::string why =
        put(all, "sasl.password_file", {.value = "/x", .from = origin::flag, .place = "--kafka"});

    EXPECT_EQ(why, "sasl.password is given twice: in --kafka and in --kafka");
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
}  // namespace onceward::options
