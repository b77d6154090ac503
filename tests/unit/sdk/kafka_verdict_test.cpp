#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kafka/verdict.hpp"

namespace onceward::kafka {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct row {
    rd_kafka_resp_err_t error;
    verdict expected;
};

constexpr row rows[] = {
    {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, verdict::rejected},
    {RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, verdict::rejected},
    {RD_KAFKA_RESP_ERR_INVALID_MSG, verdict::rejected},
    {RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, verdict::rejected},
    {RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, verdict::rejected},
    {RD_KAFKA_RESP_ERR_INVALID_RECORD, verdict::rejected},
    {RD_KAFKA_RESP_ERR_POLICY_VIOLATION, verdict::rejected},
    {RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, verdict::rejected},
    {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, verdict::transient},
    {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, verdict::transient},
    {RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, verdict::transient},
    {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, verdict::transient},
    {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, verdict::transient},
    {RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, verdict::transient},
    {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR__TRANSPORT, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR__FATAL, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, verdict::in_doubt},
    {RD_KAFKA_RESP_ERR_UNKNOWN, verdict::in_doubt},
};

TEST(KafkaVerdict, SaysWhatTheCallerDoesNext) {
    for (const auto& r : rows) {
        EXPECT_EQ(verdict_of_delivery(r.error), r.expected) << rd_kafka_err2name(r.error);
    }
}

TEST(KafkaVerdict, TellsTheContextTheCauseAndTheCode) {
    const auto f = failure_of(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "topic orders");

    EXPECT_EQ(f.next, verdict::rejected);
    EXPECT_THAT(f.message, StartsWith("topic orders: "));
    EXPECT_THAT(f.message, HasSubstr("too large"));
    EXPECT_EQ(f.origin, "kafka:MSG_SIZE_TOO_LARGE");
}

}  // namespace
}  // namespace onceward::kafka
