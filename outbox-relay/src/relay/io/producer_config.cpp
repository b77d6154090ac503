#include "relay/io/producer_config.hpp"

#include <algorithm>
#include <memory>

namespace onceward::relay_core {

namespace {

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
    users.try_emplace("linger.ms", "2");
    users.try_emplace("reconnect.backoff.max.ms", "1000");
    users.try_emplace("batch.num.messages", "10000");
    users.try_emplace("socket.keepalive.enable", "true");
    users.try_emplace("message.max.bytes", "1048576");
    return users;
}

}  // namespace

result<kafka::rd_conf> producer_config(const relay_options& options, bool one_by_one) {
    auto users = with_defaults(options.kafka);
    if (one_by_one) users["batch.num.messages"] = "1";
    return kafka::make_conf(guarantees(options), users);
}

std::string problem_with_properties(const relay_options& options) {
    auto conf = producer_config(options, false);
    if (!conf) return conf.error().message;
    rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    char why[512];
    rd_kafka_conf_set(conf->get(), "bootstrap.servers", nullptr, why, sizeof why);
    const std::unique_ptr<rd_kafka_t, kafka::destroy_with<&rd_kafka_destroy>> producer(rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why, sizeof why));
    if (!producer) return std::string("the Kafka properties do not fit together: ") + why;
    static_cast<void>(conf->release());  // the producer owns it now
    return "";
}

}  // namespace onceward::relay_core
