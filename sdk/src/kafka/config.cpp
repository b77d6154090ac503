#include "kafka/config.hpp"

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

}  // namespace

result<rd_conf> make_conf(const properties& ours, const properties& users) {
    rd_conf conf(rd_kafka_conf_new());
    for (const auto& [name, value] : users) {
        const auto fixed = ours.find(name);
        if (fixed != ours.end() && fixed->second != value) {
            return failure{
                .next = verdict::fatal,
                .message = fmt::format("the Kafka property {} must stay \"{}\", because the "
                                       "guarantees rest on it; remove it from the options",
                                       name, fixed->second),
                .origin = "kafka:conf"};
        }
        if (auto r = set(conf.get(), name, value); !r) return r.error();
    }
    for (const auto& [name, value] : ours) {
        if (auto r = set(conf.get(), name, value); !r) return r.error();
    }
    return conf;
}

}  // namespace onceward::kafka
