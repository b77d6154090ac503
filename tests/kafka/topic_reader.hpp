#pragma once

/// @file
/// Reads a topic as it is, with nothing of the inbox in between.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kafka/rd_handle.hpp"
#include "onceward/event.hpp"

namespace onceward::test {

struct wire_message {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;
    std::optional<std::string> key;
    std::optional<std::string> payload;
    std::vector<header> headers;

    /// The first header of that name; empty when there is none.
    [[nodiscard]] std::string header_value(const std::string& name) const;
};

/// Consumes all partitions of a topic from their beginning, in no group.
class topic_reader {
public:
    topic_reader(const std::string& brokers, const std::string& topic);
    ~topic_reader();
    topic_reader(const topic_reader&) = delete;
    topic_reader& operator=(const topic_reader&) = delete;

    /// Reads on until `count` messages have been read in all, or `bound` is over.
    /// @return All messages so far; each partition's in its order.
    const std::vector<wire_message>& read(std::size_t count,
                                          std::chrono::milliseconds bound = std::chrono::seconds{
                                              30});

    /// Whether nothing more comes within a moment.
    bool at_end();

private:
    bool poll(int milliseconds);

    rd_kafka_t* consumer_ = nullptr;
    std::vector<wire_message> messages_;
};

}  // namespace onceward::test
