#include "relay/io/producer_config.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace onceward::relay_core {

namespace {

constexpr std::int64_t batch_bytes_default = 1'000'000;  // librdkafka's

kafka::properties guarantees(const relay_options& options) {
    // The queue must be larger than what the pipeline lets in flight: then it never fills.
    const std::size_t queue_kbytes =
        std::max<std::size_t>(options.in_flight_bytes / 1024 * 4, 65'536);
    return {{"bootstrap.servers", options.brokers},
            {"enable.idempotence", "true"},
            {"acks", "all"},
            {"max.in.flight.requests.per.connection", "5"},
            {"message.timeout.ms", "0"},
            {"enable.gapless.guarantee", "true"},
            {"queue.buffering.max.messages", "10000000"},
            {"queue.buffering.max.kbytes", std::to_string(queue_kbytes)}};
}

kafka::properties with_defaults(kafka::properties users) {
    users.try_emplace("client.id", "onceward-relay");
    users.try_emplace("statistics.interval.ms", "5000");
    // A piece is produced at once and gathers by itself; waiting would only add to the latency.
    users.try_emplace("linger.ms", "0");
    users.try_emplace("reconnect.backoff.max.ms", "1000");
    users.try_emplace("batch.num.messages", "10000");
    users.try_emplace("socket.keepalive.enable", "true");
    users.try_emplace("message.max.bytes", "1048576");
    return users;
}

/// No batch of several messages may be larger than what every topic takes: all of them would be
/// refused for it.
void bound_batches(kafka::properties& users, std::int64_t bytes_max) {
    const auto set = users.find("batch.size");
    const std::int64_t own =
        set == users.end() ? batch_bytes_default : std::atoll(set->second.c_str());
    users["batch.size"] = std::to_string(std::min(own, bytes_max));
}

}  // namespace

result<kafka::rd_conf> producer_config(const relay_options& options, bool one_by_one,
                                       std::optional<std::int64_t> batch_bytes_max) {
    auto users = with_defaults(options.kafka);
    if (batch_bytes_max) bound_batches(users, *batch_bytes_max);
    if (one_by_one) users["batch.num.messages"] = "1";
    return kafka::make_conf(guarantees(options), users);
}

std::string problem_with_properties(const relay_options& options) {
    auto conf = producer_config(options, false, std::nullopt);
    if (!conf) return conf.error().message;
    rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    char why[512];
    rd_kafka_conf_set(conf->get(), "bootstrap.servers", nullptr, why, sizeof why);
    const std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>> producer(
        rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why, sizeof why));
    if (!producer) return std::string("the Kafka properties do not fit together: ") + why;
    static_cast<void>(conf->release());  // the producer owns it now
    return "";
}

}  // namespace onceward::relay_core
