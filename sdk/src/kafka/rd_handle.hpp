#pragma once

/// @file
/// Owners of librdkafka's handles: one pointer wide, freed by the right function.

#include <memory>

#include <librdkafka/rdkafka.h>

namespace onceward::kafka {

template <auto Destroy>
struct destroy_with {
    template <class T>
    void operator()(T* p) const noexcept {
        Destroy(p);
    }
};

using rd_client = std::unique_ptr<rd_kafka_t, destroy_with<&rd_kafka_destroy>>;
using rd_conf = std::unique_ptr<rd_kafka_conf_t, destroy_with<&rd_kafka_conf_destroy>>;
using rd_topic = std::unique_ptr<rd_kafka_topic_t, destroy_with<&rd_kafka_topic_destroy>>;
using rd_queue = std::unique_ptr<rd_kafka_queue_t, destroy_with<&rd_kafka_queue_destroy>>;
using rd_headers = std::unique_ptr<rd_kafka_headers_t, destroy_with<&rd_kafka_headers_destroy>>;
using rd_message = std::unique_ptr<rd_kafka_message_t, destroy_with<&rd_kafka_message_destroy>>;
using rd_error = std::unique_ptr<rd_kafka_error_t, destroy_with<&rd_kafka_error_destroy>>;
using rd_partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      destroy_with<&rd_kafka_topic_partition_list_destroy>>;

static_assert(sizeof(rd_conf) == sizeof(rd_kafka_conf_t*));

}  // namespace onceward::kafka
