#include "dev/embedded_broker.hpp"

#include <array>
#include <charconv>
#include <stdexcept>
#include <string_view>

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "kafka/rd_handle.hpp"

namespace onceward::dev {

namespace {

using client = std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>>;
using cluster =
    std::unique_ptr<rd_kafka_mock_cluster_t, kafka::destroy_with<&rd_kafka_mock_cluster_destroy>>;

constexpr int broker_id = 1;  // the library numbers them from 1

/// The mock cluster hangs off a client that is used for nothing else.
client bookkeeping_client() {
    std::array<char, 512> error{};
    kafka::rd_conf conf(rd_kafka_conf_new());
    // It would warn at each start that it has no broker.
    if (rd_kafka_conf_set(conf.get(), "log_level", "4", error.data(), error.size()) !=
        RD_KAFKA_CONF_OK) {
        throw std::runtime_error(fmt::format("embedded broker: {}", error.data()));
    }
    rd_kafka_t* made = rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error.data(), error.size());
    if (made == nullptr) throw std::runtime_error(fmt::format("embedded broker: {}", error.data()));
    static_cast<void>(conf.release());  // the client's now
    return client(made);
}

void check(rd_kafka_resp_err_t error, std::string_view what) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error(
            fmt::format("embedded broker: {}: {}", what, rd_kafka_err2str(error)));
    }
}

}  // namespace

topic_spec parse_topic(const std::string& text) {
    topic_spec topic{.name = text.substr(0, text.find(':'))};
    const bool name_ok = !topic.name.empty() && topic.name.size() <= 249 && topic.name != "." &&
                         topic.name != ".." &&
                         topic.name.find_first_not_of(
                             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "0123456789._-") == std::string::npos;
    bool count_ok = true;
    if (topic.name.size() < text.size()) {
        const char* end = text.data() + text.size();
        const auto [stop, error] =
            std::from_chars(text.data() + topic.name.size() + 1, end, topic.partitions);
        count_ok = error == std::errc{} && stop == end && topic.partitions >= 1 &&
                   topic.partitions <= 1'000;
    }
    if (!name_ok || !count_ok) {
        throw std::invalid_argument(fmt::format(
            "'{}' is not a topic: write name or name:partitions, where the name has 1 to 249 of "
            "A-Z a-z 0-9 . _ - and there are 1 to 1000 partitions",
            text));
    }
    return topic;
}

class embedded_broker::impl {
public:
    impl() : client_(bookkeeping_client()), cluster_(rd_kafka_mock_cluster_new(client_.get(), 1)) {
        if (!cluster_) {
            throw std::runtime_error("embedded broker: cannot listen on a port of 127.0.0.1");
        }
    }

    rd_kafka_mock_cluster_t* get() { return cluster_.get(); }

private:
    client client_;
    cluster cluster_;  // destroyed before its client
};

embedded_broker::embedded_broker(const std::vector<topic_spec>& topics)
    : impl_(std::make_unique<impl>()) {
    for (const auto& topic : topics) create_topic(topic);
}

embedded_broker::~embedded_broker() = default;

std::string embedded_broker::bootstrap() const {
    return rd_kafka_mock_cluster_bootstraps(impl_->get());
}

void embedded_broker::create_topic(const topic_spec& topic) {
    check(rd_kafka_mock_topic_create(impl_->get(), topic.name.c_str(), topic.partitions, 1),
          "topic " + topic.name);
}

void embedded_broker::down() {
    check(rd_kafka_mock_broker_set_down(impl_->get(), broker_id), "down");
}

void embedded_broker::up() {
    check(rd_kafka_mock_broker_set_up(impl_->get(), broker_id), "up");
}

}  // namespace onceward::dev
