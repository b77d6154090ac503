#include "topics/judge.hpp"

#include <fmt/format.h>

#include "onceward/event.hpp"

namespace onceward::cli {

namespace {

/// The largest event: payload, key, headers, and what Kafka's record adds to them.
constexpr std::int64_t event_bytes_max =
    payload_bytes_max + key_bytes_max + headers_bytes_max + type_bytes_max + 4'096;

std::string alter(const std::string& brokers, const std::string& topic,
                  const std::string& setting) {
    return fmt::format(
        "kafka-configs.sh --bootstrap-server {} --alter --entity-type topics --entity-name {} "
        "--add-config {}",
        brokers, topic, setting);
}

void judge_partitions(std::vector<finding>& out, const used_topic& topic, int partitions) {
    if (!topic.pinned || *topic.pinned == partitions) return;
    const auto what = fmt::format("topic {} has {} partitions and is pinned to {}: its events wait",
                                  topic.name, partitions, *topic.pinned);
    out.push_back({severity::problem, what,
                   partitions > *topic.pinned
                       ? fmt::format("follow \"More partitions\" in docs/operations.md: onceward "
                                     "topics repin {} --partitions {}",
                                     topic.name, partitions)
                       : fmt::format("somebody has made it anew; make it with {} partitions, or "
                                     "repin it when its consumers have begun anew, too",
                                     *topic.pinned)});
}

void judge_copies(std::vector<finding>& out, const kafka::topic_description& t,
                  const std::string& brokers) {
    if (t.replication == 1) {
        out.push_back({severity::warning,
                       fmt::format("topic {} has one copy: what Kafka has acknowledged is lost "
                                   "with that broker",
                                   t.name),
                       "raise its replication to 3 by kafka-reassign-partitions.sh"});
        return;
    }
    if (!t.min_insync_replicas) return;
    if (*t.min_insync_replicas > t.replication) {
        out.push_back(
            {severity::problem,
             fmt::format("topic {} asks for {} copies in sync and has {}: nothing is "
                         "ever acknowledged",
                         t.name, *t.min_insync_replicas, t.replication),
             alter(brokers, t.name, fmt::format("min.insync.replicas={}", t.replication - 1))});
    } else if (*t.min_insync_replicas == 1) {
        out.push_back({severity::warning,
                       fmt::format("topic {} acknowledges with one copy in sync: acks=all does not "
                                   "outlive that broker",
                                   t.name),
                       alter(brokers, t.name, "min.insync.replicas=2")});
    }
}

void judge_size(std::vector<finding>& out, const kafka::topic_description& t,
                const std::string& brokers) {
    if (!t.max_message_bytes || *t.max_message_bytes >= event_bytes_max) return;
    out.push_back({severity::warning,
                   fmt::format("topic {} takes messages of {} bytes, an event may have {}", t.name,
                               *t.max_message_bytes, event_bytes_max),
                   alter(brokers, t.name, "max.message.bytes=1048588")});
}

}  // namespace

std::vector<finding> judge(const used_topic& topic,
                           const std::optional<kafka::topic_description>& found,
                           const std::string& brokers) {
    if (!found && !topic.recent) {
        return {{severity::warning,
                 fmt::format("topic {} is pinned and does not exist", topic.name),
                 fmt::format("if nothing is sent to it any more: DELETE FROM topic_pin WHERE topic "
                             "= '{}';",
                             topic.name)}};
    }
    if (!found) {
        return {{severity::problem,
                 fmt::format("topic {} does not exist, or may not be seen: its events wait",
                             topic.name),
                 fmt::format("onceward topics create {} --partitions {}", topic.name,
                             topic.pinned ? std::to_string(*topic.pinned) : "N")}};
    }
    std::vector<finding> out;
    judge_partitions(out, topic, found->partitions);
    judge_copies(out, *found, brokers);
    judge_size(out, *found, brokers);
    if (!found->unread.empty()) {
        out.push_back(
            {severity::warning,
             fmt::format("the settings of topic {} cannot be read: {}", topic.name, found->unread),
             "if that is a matter of rights, allow DESCRIBE_CONFIGS on it"});
    }
    return out;
}

}  // namespace onceward::cli
