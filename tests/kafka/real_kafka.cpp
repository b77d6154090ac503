#include "kafka/real_kafka.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <librdkafka/rdkafka.h>

#include "kafka/config.hpp"
#include "kafka/rd_handle.hpp"
#include "onceward/message_id.hpp"
#include "support/captured_process.hpp"

namespace onceward::test {

namespace {

using rd_client = std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>>;
using rd_event = std::unique_ptr<rd_kafka_event_t, kafka::destroy_with<&rd_kafka_event_destroy>>;
using rd_new_topic =
    std::unique_ptr<rd_kafka_NewTopic_t, kafka::destroy_with<&rd_kafka_NewTopic_destroy>>;

rd_client admin(const std::string& brokers) {
    auto conf = kafka::make_conf({{"bootstrap.servers", brokers}}, {});
    if (!conf) throw std::runtime_error(conf.error().message);
    std::array<char, 512> why{};
    rd_client client(rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why.data(), why.size()));
    if (!client) throw std::runtime_error(why.data());
    static_cast<void>(conf->release());
    return client;
}

using rd_resource = std::unique_ptr<rd_kafka_ConfigResource_t,
                                    kafka::destroy_with<&rd_kafka_ConfigResource_destroy>>;

/// The answer to an admin request. Throws when none comes, or one that says no to all of it.
rd_event answer_of(const kafka::rd_queue& answers, const std::string& name) {
    rd_event answer(rd_kafka_queue_poll(answers.get(), 30'000));
    if (!answer) throw std::runtime_error("no broker answered about topic " + name);
    if (rd_kafka_event_error(answer.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error(name + ": " + rd_kafka_event_error_string(answer.get()));
    }
    return answer;
}

/// Throws unless the broker said that every topic was made.
void expect_made(rd_kafka_event_t* answer, const std::string& name) {
    std::size_t count = 0;
    const auto* topics =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer), &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (rd_kafka_topic_result_error(topics[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error(name + ": " + rd_kafka_topic_result_error_string(topics[i]));
        }
    }
}

}  // namespace

std::string shared_kafka() {
    const char* address = std::getenv("ONCEWARD_TEST_KAFKA");
    if (address == nullptr || *address == '\0') {
        throw std::runtime_error(
            "ONCEWARD_TEST_KAFKA is not set; scripts/test --tier kafka starts a broker and sets "
            "it");
    }
    return address;
}

std::string fresh_topic_name() {
    return "t-" + new_message_id().to_string();
}

std::string fresh_topic(const std::string& brokers, int partitions,
                        const std::map<std::string, std::string>& config) {
    const std::string name = fresh_topic_name();
    create_topic(brokers, name, partitions, config);
    return name;
}

void create_topic(const std::string& brokers, const std::string& name, int partitions,
                  const std::map<std::string, std::string>& config) {
    const rd_client client = admin(brokers);
    std::array<char, 512> why{};
    const rd_new_topic topic(
        rd_kafka_NewTopic_new(name.c_str(), partitions, 1, why.data(), why.size()));
    if (!topic) throw std::runtime_error(why.data());
    for (const auto& [key, value] : config) {
        rd_kafka_NewTopic_set_config(topic.get(), key.c_str(), value.c_str());
    }
    const kafka::rd_queue answers(rd_kafka_queue_new(client.get()));
    std::array<rd_kafka_NewTopic_t*, 1> topics{topic.get()};
    rd_kafka_CreateTopics(client.get(), topics.data(), topics.size(), nullptr, answers.get());
    expect_made(answer_of(answers, name).get(), name);
}

void configure_topic(const std::string& brokers, const std::string& name, const std::string& key,
                     const std::string& value) {
    const rd_client client = admin(brokers);
    const rd_resource topic(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str()));
    rd_kafka_ConfigResource_set_config(topic.get(), key.c_str(), value.c_str());
    const kafka::rd_queue answers(rd_kafka_queue_new(client.get()));
    std::array<rd_kafka_ConfigResource_t*, 1> topics{topic.get()};
    rd_kafka_AlterConfigs(client.get(), topics.data(), topics.size(), nullptr, answers.get());
    const rd_event answer = answer_of(answers, name);
    std::size_t count = 0;
    const auto* changed = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(answer.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (rd_kafka_ConfigResource_error(changed[i]) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error(name + ": " +
                                     rd_kafka_ConfigResource_error_string(changed[i]));
        }
    }
}

own_broker::own_broker() : address_(run("start")) {
    address_.erase(address_.find_last_not_of('\n') + 1);
}

own_broker::~own_broker() {
    try {
        static_cast<void>(run("kill"));
    } catch (const std::exception& e) {
        std::fprintf(stderr, "the test's broker was not stopped: %s\n", e.what());
    }
}

void own_broker::kill9() {
    static_cast<void>(run("kill"));
}
void own_broker::start() {
    static_cast<void>(run("start"));
}

std::string own_broker::run(const std::string& command) const {
    captured_process process(
        {ONCEWARD_KAFKA_SCRIPT, command, "--dir", directory_.path() / "kafka"});
    const auto status = process.wait(std::chrono::seconds{120});
    if (status != 0) throw std::runtime_error("scripts/kafka " + command + ": " + process.err());
    return process.out();
}

}  // namespace onceward::test
