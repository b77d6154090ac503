#include "kafka/verdict.hpp"

namespace onceward::kafka {

verdict verdict_of_delivery(rd_kafka_resp_err_t error) {
    switch (static_cast<int>(error)) {
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_INVALID_MSG:
        case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
        case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
        case RD_KAFKA_RESP_ERR_INVALID_RECORD:
        case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT:
            return verdict::rejected;
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
            return verdict::transient;  // the environment is at fault: nothing was stored
        default:
            return verdict::in_doubt;  // anything else may have reached the log
    }
}

bool is_about_topic(rd_kafka_resp_err_t error) {
    switch (static_cast<int>(error)) {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
            return true;
        default:
            return false;
    }
}

failure failure_of(rd_kafka_resp_err_t error, const std::string& context) {
    return failure{.next = verdict_of_delivery(error),
                   .message = context + ": " + rd_kafka_err2str(error),
                   .origin = std::string("kafka:") + rd_kafka_err2name(error)};
}

}  // namespace onceward::kafka
