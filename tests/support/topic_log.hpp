#pragma once

/// @file
/// Reads a topic from its beginning, without a consumer group: what is in Kafka, for tests.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "onceward/event.hpp"

namespace onceward::test {

struct record {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::vector<header> headers;

    /// The last header of that name; empty when there is none.
    [[nodiscard]] std::string header_value(const std::string& name) const;
};

/// Follows a topic's partitions from their beginning.
class topic_log {
public:
    /// @throws std::runtime_error  The broker or the topic cannot be reached.
    topic_log(const std::string& brokers, const std::string& topic, int partitions);
    ~topic_log();

    /// Reads on until `enough` says yes or the bound is over; asked after every record.
    /// @return All records so far, in the order read: in offset order within a partition.
    const std::vector<record>& read_until(
        const std::function<bool(const std::vector<record>&)>& enough,
        std::chrono::milliseconds bound = std::chrono::seconds{30});

    /// Reads on until there are `count` records.
    const std::vector<record>& read(std::size_t count,
                                    std::chrono::milliseconds bound = std::chrono::seconds{30});

private:
    class impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace onceward::test
