#pragma once

/// @file
/// Kafka's admin requests, for the commands that people run. Every call is bounded, by 15 s or so.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kafka/config.hpp"
#include "onceward/result.hpp"

namespace onceward::kafka {

/// A topic as its brokers describe it.
struct topic_description {
    std::string name{};
    int partitions = 0;
    int replication = 0;  ///< Of the partition that has the fewest copies.
    std::optional<int> min_insync_replicas{};
    std::optional<std::int64_t> max_message_bytes{};
    std::string unread{};  ///< Why the two above are not known.
};

struct new_topic {
    std::string name{};
    int partitions = 1;
    int replication = -1;                         ///< -1: the brokers' default.
    std::map<std::string, std::string> config{};  ///< Such as {"min.insync.replicas", "2"}.
};

/// @par Thread safety
/// One thread.
class admin {
public:
    /// @return `fatal` when librdkafka refuses a property.
    static result<admin> open(const std::string& brokers, const properties& users);

    /// host:port of all brokers. @return `transient` when none answers.
    result<std::vector<std::string>> brokers();

    /// Those of `names` that exist. Never makes a topic, whatever the brokers' settings.
    result<std::map<std::string, topic_description>> describe(
        const std::vector<std::string>& names);

    /// Adds their settings, or why they are not known.
    /// @param stop  Gives up soon.
    void read_settings(std::map<std::string, topic_description>& topics,
                       const std::stop_token& stop = {});

    /// Asks for a topic. @return `rejected` with the broker's words when it says no.
    result<done> create(const new_topic& topic);

    /// Asks for so many partitions in all.
    result<done> raise_partitions(const std::string& topic, int partitions);

private:
    explicit admin(rd_client c) : client_(std::move(c)) {}

    rd_client client_;
};

}  // namespace onceward::kafka
