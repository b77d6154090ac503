#pragma once

/// @file
/// What a librdkafka error means for the caller; the only place that knows.

#include <string>

#include <librdkafka/rdkafka.h>

#include "onceward/result.hpp"

namespace onceward::kafka {

/// The verdict on a message whose delivery failed with `error`.
///
/// `rejected` names a *batch*: the broker refuses whole batches, so one message of it is at fault,
/// not necessarily this one.
verdict verdict_of_delivery(rd_kafka_resp_err_t error);

/// Whether `error` says that a topic cannot be published to, whatever the message.
bool is_about_topic(rd_kafka_resp_err_t error);

/// A failure of `error`, with `context` in front of librdkafka's own description.
failure failure_of(rd_kafka_resp_err_t error, const std::string& context);

}  // namespace onceward::kafka
