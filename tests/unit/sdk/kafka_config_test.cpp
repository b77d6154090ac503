#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/config.hpp"

namespace onceward::kafka {
namespace {

using ::testing::HasSubstr;

const properties ours{{"enable.idempotence", "true"}, {"acks", "all"}};

std::string value_of(const rd_conf& conf, const char* name) {
    char value[64];
    std::size_t size = sizeof value;
    if (rd_kafka_conf_get(conf.get(), name, value, &size) != RD_KAFKA_CONF_OK) return {};
    return value;
}

TEST(KafkaConfig, TakesOursAndTheUsers) {
    const auto conf = make_conf(ours, {{"linger.ms", "17"}});

    ASSERT_TRUE(conf);
    EXPECT_EQ(value_of(*conf, "enable.idempotence"), "true");
    EXPECT_EQ(value_of(*conf, "linger.ms"), "17");
}

TEST(KafkaConfig, RefusesToWeakenWhatTheGuaranteesRestOn) {
    const auto conf = make_conf(ours, {{"acks", "1"}});

    ASSERT_FALSE(conf);
    EXPECT_EQ(conf.error().next, verdict::fatal);
    EXPECT_THAT(conf.error().message, HasSubstr("acks must stay \"all\""));
}

TEST(KafkaConfig, TakesAPropertyThatTheUserRepeats) {
    EXPECT_TRUE(make_conf(ours, {{"acks", "all"}}));
}

TEST(KafkaConfig, RefusesAnUnknownProperty) {
    const auto conf = make_conf(ours, {{"no.such.property", "1"}});

    ASSERT_FALSE(conf);
    EXPECT_EQ(conf.error().origin, "kafka:conf");
    EXPECT_THAT(conf.error().message, HasSubstr("no.such.property"));
}

TEST(KafkaConfig, RefusesAValueOutOfRange) {
    EXPECT_FALSE(make_conf(ours, {{"linger.ms", "-1"}}));
    EXPECT_FALSE(make_conf(ours, {{"linger.ms", "soon"}}));
}

TEST(KafkaConfig, RefusesAPropertyUnderItsOtherNameToo) {
    for (const char* alias : {"request.required.acks", "acks"}) {
        const auto conf = make_conf({{"acks", "all"}}, {{alias, "1"}});
        ASSERT_FALSE(conf) << alias;
        EXPECT_NE(conf.error().message.find("must stay \"all\", because an event counts"),
                  std::string::npos)
            << conf.error().message;
    }
}

TEST(KafkaConfig, RefusesWhatNoValueMakesRight) {
    for (const char* name : {"transactional.id", "partitioner", "delivery.report.only.error"}) {
        const auto conf = make_conf({}, {{name, "x"}});
        ASSERT_FALSE(conf) << name;
        EXPECT_NE(conf.error().message.find("must not be set, because"), std::string::npos)
            << conf.error().message;
    }
}

}  // namespace
}  // namespace onceward::kafka
