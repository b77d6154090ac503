#include "kafka/config.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

namespace onceward::kafka {

namespace {

result<done> set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
    char why[512];
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) {
        return done{};
    }
    return failure{.next = verdict::fatal,
                   .message = fmt::format("the Kafka property {} is refused: {}", name, why),
                   .origin = "kafka:conf"};
}

/// Names that librdkafka takes for the same property.
std::string_view canonical(std::string_view name) {
    struct alias {
        std::string_view name, means;
    };
    static constexpr std::array aliases{
        alias{"metadata.broker.list", "bootstrap.servers"},
        alias{"request.required.acks", "acks"},
        alias{"delivery.timeout.ms", "message.timeout.ms"},
        alias{"max.in.flight", "max.in.flight.requests.per.connection"},
    };
    const auto* found = std::ranges::find(aliases, name, &alias::name);
    return found == aliases.end() ? name : found->means;
}

struct reason {
    std::string_view name, why;
};

/// Properties whose every value is wrong here.
constexpr std::array never{
    reason{"transactional.id", "the producer is idempotent and must not be transactional"},
    reason{"delivery.report.only.error", "every delivery is counted, not the failed ones only"},
    reason{"partitioner",
           "events are placed by murmur2 over their key, as Java's clients do, or a "
           "key's order would break"},
};

/// Why a property has the value it has.
constexpr std::array whys{
    reason{"bootstrap.servers", "--brokers says it"},
    reason{"group.id", "the consumer's name says it"},
    reason{"enable.idempotence", "without it a retry doubles or overtakes a message"},
    reason{"acks", "an event counts as published only when every replica in sync has it"},
    reason{"max.in.flight.requests.per.connection", "more than 5 can change the order of retries"},
    reason{"message.timeout.ms",
           "a message that is given up leaves a gap that later ones overtake"},
    reason{"enable.gapless.guarantee", "a message that fails must stop those behind it"},
    reason{"queue.buffering.max.messages", "in-flight-bytes bounds what waits"},
    reason{"queue.buffering.max.kbytes", "in-flight-bytes bounds what waits"},
    reason{"enable.auto.commit", "the position is in the database"},
    reason{"enable.auto.offset.store", "the position is in the database"},
    reason{"isolation.level", "messages of aborted transactions never happened"},
};

/// The part of a sentence behind "because".
std::string_view why_of(std::string_view name) {
    const auto* found = std::ranges::find(whys, name, &reason::name);
    return found == whys.end() ? "the guarantees rest on it" : found->why;
}

failure refused(std::string_view name, std::string_view rule, std::string_view why) {
    return {
        .next = verdict::fatal,
        .message = fmt::format("the Kafka property {} {}, because {}; remove it from the options",
                               name, rule, why),
        .origin = "kafka:conf"};
}

/// Refuses what the guarantees forbid.
result<done> check(const properties& ours, const std::string& name, const std::string& value) {
    const auto* forbidden = std::ranges::find(never, name, &reason::name);
    if (forbidden != never.end()) return refused(name, "must not be set", forbidden->why);
    const auto fixed = ours.find(std::string(canonical(name)));
    if (fixed == ours.end() || fixed->second == value) return done{};
    return refused(name, fmt::format("must stay \"{}\"", fixed->second), why_of(fixed->first));
}

}  // namespace

result<rd_conf> make_conf(const properties& ours, const properties& users) {
    rd_conf conf(rd_kafka_conf_new());
    for (const auto& [name, value] : users) {
        if (auto r = check(ours, name, value); !r) return r.error();
        if (auto r = set(conf.get(), name, value); !r) return r.error();
    }
    for (const auto& [name, value] : ours) {
        if (auto r = set(conf.get(), name, value); !r) return r.error();
    }
    return conf;
}

}  // namespace onceward::kafka
