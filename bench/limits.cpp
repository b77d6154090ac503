/// @file
/// What the machine can do without us: COPY out of the outbox, and a raw idempotent producer. Each
/// prints events a second.
///
///   onceward_bench_limits copy CONNINFO
///   onceward_bench_limits produce BROKERS TOPIC PARTITIONS EVENTS PAYLOAD_BYTES KEYS

#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

#include "kafka/config.hpp"
#include "kafka/murmur2.hpp"
#include "pg/connection.hpp"

namespace {

using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point begin) {
    return std::chrono::duration<double>(clock_type::now() - begin).count();
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

void print(double events, double seconds) {
    std::printf("{\"events\": %.0f, \"events_per_s\": %.0f, \"cpu_us_per_event\": %.3f}\n", events,
                events / seconds, cpu_seconds() * 1e6 / events);
}

/// The columns that a relay needs, in binary, in no order: what a reader can get at most.
void copy(const std::string& conninfo) {
    auto c = onceward::pg::connection::open(conninfo);
    if (!c) throw std::runtime_error(c.error().message);
    double events = 0;
    const auto begin = clock_type::now();
    auto r = c->copy_out(
        "SELECT seq, created_at, id, topic, type, key, payload, content_type, headers "
        "FROM onceward.outbox",
        [&](auto) {
            ++events;
            return true;
        });
    if (!r) throw std::runtime_error(r.error().message);
    print(events, seconds_since(begin));
}

struct producer {
    std::atomic<std::uint64_t> delivered{0};
    std::atomic<bool> failed{false};
    rd_kafka_t* handle = nullptr;
};

producer& open(producer& p, const std::string& brokers) {
    // As the relay's own, but for the headers, which the limit does without.
    auto conf = onceward::kafka::make_conf({{"bootstrap.servers", brokers},
                                            {"enable.idempotence", "true"},
                                            {"linger.ms", "2"},
                                            {"batch.num.messages", "10000"},
                                            {"queue.buffering.max.messages", "10000000"},
                                            {"queue.buffering.max.kbytes", "65536"}},
                                           {});
    if (!conf) throw std::runtime_error(conf.error().message);
    rd_kafka_conf_set_opaque(conf->get(), &p);
    rd_kafka_conf_set_dr_msg_cb(conf->get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* m, void* self) {
                                    auto& to = *static_cast<producer*>(self);
                                    if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) to.failed = true;
                                    ++to.delivered;
                                });
    char why[512];
    p.handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why, sizeof why);
    if (p.handle == nullptr) throw std::runtime_error(why);
    static_cast<void>(conf->release());
    return p;
}

void produce(const std::vector<std::string>& a) {
    const int partitions = std::stoi(a[2]);
    const auto events = static_cast<std::uint64_t>(std::stoull(a[3]));
    const std::string payload(std::stoul(a[4]), 'x');
    const auto keys = static_cast<std::uint64_t>(std::stoull(a[5]));
    producer p;
    open(p, a[0]);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(p.handle, a[1].c_str(), nullptr);
    const rd_kafka_metadata_t* found = nullptr;  // connects before the clock starts
    if (rd_kafka_metadata(p.handle, 0, topic, &found, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        throw std::runtime_error("no broker answers at " + a[0]);
    }
    rd_kafka_metadata_destroy(found);
    const auto begin = clock_type::now();
    std::jthread poller([&](std::stop_token stop) {
        while (!stop.stop_requested()) rd_kafka_poll(p.handle, 50);
    });
    for (std::uint64_t i = 0; i < events; ++i) {
        const std::string key = "key-" + std::to_string(i % keys);
        char* const bytes = const_cast<char*>(payload.data());  // NOLINT: librdkafka does not write
        while (rd_kafka_produce(topic, onceward::kafka::partition_of(key, partitions), 0, bytes,
                                payload.size(), key.data(), key.size(), nullptr) != 0) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));  // its queue is full
        }
    }
    while (p.delivered < events) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const double seconds = seconds_since(begin);
    if (p.failed) throw std::runtime_error("a message was not delivered");
    print(static_cast<double>(events), seconds);
    poller.request_stop();
    poller.join();
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(p.handle);
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
    const std::string command = argc > 1 ? argv[1] : "";
    try {
        if (command == "copy" && arguments.size() == 1) return copy(arguments[0]), 0;
        if (command == "produce" && arguments.size() == 6) return produce(arguments), 0;
        std::fprintf(stderr, "usage: onceward_bench_limits copy|produce ...; see scripts/bench\n");
        return 64;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "onceward_bench_limits: %s\n", e.what());
        return 1;
    }
}
