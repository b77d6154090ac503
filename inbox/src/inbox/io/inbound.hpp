#pragma once

/// @file
/// Kafka -> **consume**: a message in our own memory, with what admission asks for.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <librdkafka/rdkafka.h>

#include "onceward/handler.hpp"

namespace onceward::inbox_io {

struct inbound {
    message what;  ///< Its id is zero when the header has none that can be read.
    std::optional<std::string> id_header;
    std::int64_t payload_hash = 0;

    /// Memory that it holds, about.
    [[nodiscard]] std::size_t bytes() const;
};

/// Copies a message out of librdkafka.
inbound read_message(const rd_kafka_message_t& m);

}  // namespace onceward::inbox_io
