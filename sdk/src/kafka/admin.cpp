#include "kafka/admin.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "kafka/verdict.hpp"

namespace onceward::kafka {

namespace {

constexpr int timeout_ms = 10'000;
constexpr int slice_ms = 50;
constexpr int settings_timeout_ms = 4'000;  // what is less important than an answer

using rd_event = std::unique_ptr<rd_kafka_event_t, destroy_with<&rd_kafka_event_destroy>>;
using rd_metadata =
    std::unique_ptr<const rd_kafka_metadata_t, destroy_with<&rd_kafka_metadata_destroy>>;
using rd_admin_options =
    std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<&rd_kafka_AdminOptions_destroy>>;
using rd_new_topic = std::unique_ptr<rd_kafka_NewTopic_t, destroy_with<&rd_kafka_NewTopic_destroy>>;
using rd_new_partitions =
    std::unique_ptr<rd_kafka_NewPartitions_t, destroy_with<&rd_kafka_NewPartitions_destroy>>;
using rd_resource =
    std::unique_ptr<rd_kafka_ConfigResource_t, destroy_with<&rd_kafka_ConfigResource_destroy>>;

failure refused(const std::string& what, rd_kafka_resp_err_t error, const char* words) {
    return {
        .next = verdict::rejected,
        .message = fmt::format("{}: {}", what, words != nullptr ? words : rd_kafka_err2str(error)),
        .origin = std::string("kafka:") + rd_kafka_err2name(error)};
}

rd_admin_options bounded(rd_kafka_t* client, rd_kafka_admin_op_t op) {
    rd_admin_options options(rd_kafka_AdminOptions_new(client, op));
    std::array<char, 256> why{};
    // Refused only where the number is out of librdkafka's range.
    const int bound = op == RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS ? settings_timeout_ms : timeout_ms;
    static_cast<void>(
        rd_kafka_AdminOptions_set_request_timeout(options.get(), bound, why.data(), why.size()));
    if (op == RD_KAFKA_ADMIN_OP_CREATETOPICS || op == RD_KAFKA_ADMIN_OP_CREATEPARTITIONS) {
        static_cast<void>(rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout_ms,
                                                                      why.data(), why.size()));
    }
    return options;
}

/// The answer to an admin request. A failure when none comes, or one that says no to all of it.
result<rd_event> answer_of(const rd_queue& answers, const std::string& what,
                           const std::stop_token& stop = {}) {
    rd_event answer;
    for (int waited = 0; !answer && !stop.stop_requested() && waited < timeout_ms + 2'000;
         waited += slice_ms)
        answer.reset(rd_kafka_queue_poll(answers.get(), slice_ms));
    if (!answer) {
        return failure{.next = verdict::transient,
                       .message = what + ": no broker answers; check --brokers and the network",
                       .origin = "kafka:timeout"};
    }
    const auto error = rd_kafka_event_error(answer.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return refused(what, error, rd_kafka_event_error_string(answer.get()));
    return answer;
}

result<done> each_agreed(const rd_kafka_topic_result_t* const* topics, std::size_t count,
                         const std::string& what) {
    for (std::size_t i = 0; i < count; ++i) {
        const auto error = rd_kafka_topic_result_error(topics[i]);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
            return refused(what, error, rd_kafka_topic_result_error_string(topics[i]));
    }
    return done{};
}

result<rd_metadata> metadata(rd_kafka_t* client) {
    const rd_kafka_metadata_t* found = nullptr;
    // All topics: asking for one by name makes it, where the brokers are set so.
    const auto error = rd_kafka_metadata(client, /*all_topics=*/1, nullptr, &found, timeout_ms);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto f = refused("no broker answers; check --brokers and the network", error, nullptr);
        f.next = verdict::transient;
        return f;
    }
    return rd_metadata(found);
}

topic_description described(const rd_kafka_metadata_topic_t& t) {
    topic_description d{.name = t.topic, .partitions = t.partition_cnt, .replication = 0};
    for (int i = 0; i < t.partition_cnt; ++i) {
        const int copies = t.partitions[i].replica_cnt;
        d.replication = i == 0 ? copies : std::min(d.replication, copies);
    }
    return d;
}

void read_entry(topic_description& d, const rd_kafka_ConfigEntry_t* entry) {
    const char* value = rd_kafka_ConfigEntry_value(entry);
    if (value == nullptr) return;
    const std::string_view name = rd_kafka_ConfigEntry_name(entry);
    if (name == "min.insync.replicas") d.min_insync_replicas = std::atoi(value);
    if (name == "max.message.bytes") d.max_message_bytes = std::atoll(value);
}

/// Adds the settings of one topic, or why they are not known.
void read_resource(std::map<std::string, topic_description>& all,
                   const rd_kafka_ConfigResource_t* resource) {
    const auto at = all.find(rd_kafka_ConfigResource_name(resource));
    if (at == all.end()) return;
    if (rd_kafka_ConfigResource_error(resource) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* words = rd_kafka_ConfigResource_error_string(resource);
        at->second.unread = words != nullptr ? words : "refused";
        return;
    }
    std::size_t count = 0;
    const auto* entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (std::size_t i = 0; i < count; ++i) read_entry(at->second, entries[i]);
}

}  // namespace

result<admin> admin::open(const std::string& brokers, const properties& users) {
    auto conf = make_conf({{"bootstrap.servers", brokers}}, users);
    if (!conf) return conf.error();
    std::array<char, 512> why{};
    // Its log lines say no more than the failures that are returned.
    static_cast<void>(rd_kafka_conf_set(conf->get(), "log_level", "0", why.data(), why.size()));
    rd_client made(rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why.data(), why.size()));
    if (!made) {
        return failure{.next = verdict::fatal, .message = why.data(), .origin = "kafka:conf"};
    }
    static_cast<void>(conf->release());
    return admin(std::move(made));
}

result<std::vector<std::string>> admin::brokers() {
    auto found = metadata(client_.get());
    if (!found) return found.error();
    std::vector<std::string> all;
    for (int i = 0; i < (*found)->broker_cnt; ++i)
        all.push_back(fmt::format("{}:{}", (*found)->brokers[i].host, (*found)->brokers[i].port));
    return all;
}

result<std::map<std::string, topic_description>> admin::describe(
    const std::vector<std::string>& names) {
    auto found = metadata(client_.get());
    if (!found) return found.error();
    std::map<std::string, topic_description> all;
    for (int i = 0; i < (*found)->topic_cnt; ++i) {
        const auto& t = (*found)->topics[i];
        if (std::ranges::find(names, t.topic) == names.end()) continue;
        if (t.err == RD_KAFKA_RESP_ERR_NO_ERROR) all.emplace(t.topic, described(t));
    }
    return all;
}

void admin::read_settings(std::map<std::string, topic_description>& all,
                          const std::stop_token& stop) {
    std::vector<rd_resource> owners;
    std::vector<rd_kafka_ConfigResource_t*> wanted;
    for (const auto& [name, d] : all) {
        owners.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
        wanted.push_back(owners.back().get());
    }
    if (wanted.empty()) return;
    const rd_queue answers(rd_kafka_queue_new(client_.get()));
    const auto options = bounded(client_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_DescribeConfigs(client_.get(), wanted.data(), wanted.size(), options.get(),
                             answers.get());
    const auto answer = answer_of(answers, "settings", stop);
    if (!answer) {
        for (auto& [name, d] : all) d.unread = answer.error().message;
        return;
    }
    std::size_t count = 0;
    const auto* found = rd_kafka_DescribeConfigs_result_resources(
        rd_kafka_event_DescribeConfigs_result(answer->get()), &count);
    for (std::size_t i = 0; i < count; ++i) read_resource(all, found[i]);
}

result<done> admin::create(const new_topic& topic) {
    const std::string what = "topic " + topic.name;
    std::array<char, 512> why{};
    const rd_new_topic asked(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                                   topic.replication, why.data(), why.size()));
    if (!asked) return refused(what, RD_KAFKA_RESP_ERR__INVALID_ARG, why.data());
    for (const auto& [key, value] : topic.config) {
        const auto e = rd_kafka_NewTopic_set_config(asked.get(), key.c_str(), value.c_str());
        if (e != RD_KAFKA_RESP_ERR_NO_ERROR) return refused(what, e, nullptr);
    }
    const rd_queue answers(rd_kafka_queue_new(client_.get()));
    const auto options = bounded(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS);
    std::array<rd_kafka_NewTopic_t*, 1> topics{asked.get()};
    rd_kafka_CreateTopics(client_.get(), topics.data(), topics.size(), options.get(),
                          answers.get());
    const auto answer = answer_of(answers, what);
    if (!answer) return answer.error();
    std::size_t count = 0;
    const auto* results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(answer->get()), &count);
    return each_agreed(results, count, what);
}

result<done> admin::raise_partitions(const std::string& topic, int partitions) {
    const std::string what = "topic " + topic;
    std::array<char, 512> why{};
    const rd_new_partitions asked(rd_kafka_NewPartitions_new(
        topic.c_str(), static_cast<std::size_t>(partitions), why.data(), why.size()));
    if (!asked) return refused(what, RD_KAFKA_RESP_ERR__INVALID_ARG, why.data());
    const rd_queue answers(rd_kafka_queue_new(client_.get()));
    const auto options = bounded(client_.get(), RD_KAFKA_ADMIN_OP_CREATEPARTITIONS);
    std::array<rd_kafka_NewPartitions_t*, 1> topics{asked.get()};
    rd_kafka_CreatePartitions(client_.get(), topics.data(), topics.size(), options.get(),
                              answers.get());
    const auto answer = answer_of(answers, what);
    if (!answer) return answer.error();
    std::size_t count = 0;
    const auto* results = rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(answer->get()), &count);
    return each_agreed(results, count, what);
}

}  // namespace onceward::kafka
