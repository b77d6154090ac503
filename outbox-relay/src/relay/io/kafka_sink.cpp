#include "relay/io/kafka_sink.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/header_codec.hpp"
#include "core/id_text.hpp"
#include "kafka/murmur2.hpp"
#include "kafka/verdict.hpp"
#include "relay/core/message_size.hpp"
#include "relay/io/producer_config.hpp"

namespace onceward::relay_core {

namespace {

constexpr int metadata_timeout_ms = 3'000;

rd_kafka_headers_t* add(rd_kafka_headers_t* to, std::string_view name, std::string_view value) {
    rd_kafka_header_add(to, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
    return to;
}

void* opaque_of(std::uint64_t number) {
    return reinterpret_cast<void*>(number);
}  // NOLINT
std::uint64_t number_of(void* opaque) {
    return reinterpret_cast<std::uint64_t>(opaque);
}  // NOLINT

std::string_view bytes_of(const std::array<std::uint8_t, 16>& id) {
    return {reinterpret_cast<const char*>(id.data()), id.size()};
}

/// The headers on the wire: identity and type, the caller's own, and where the event came from.
/// @return Null when the column cannot be read.
kafka::rd_headers wire_headers(const captured_event& e, const std::string& shard) {
    kafka::rd_headers headers(rd_kafka_headers_new(8));
    const auto id = id_text(message_id(e.id));
    add(headers.get(), "id", {id.data(), id.size()});
    add(headers.get(), "type", e.type);
    if (e.content_type) add(headers.get(), "content-type", *e.content_type);
    if (e.headers) {
        const auto own = decode_headers(*e.headers);
        if (!own) return nullptr;
        for (const auto& h : *own) add(headers.get(), h.name, h.value);
    }
    add(headers.get(), "onceward-shard", shard);
    const fmt::format_int seq(e.seq);
    add(headers.get(), "onceward-seq", {seq.data(), seq.size()});
    return headers;
}

std::string_view header_of(const rd_kafka_message_t& m, const char* name) {
    rd_kafka_headers_t* headers = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(&m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        rd_kafka_header_get_last(headers, name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return "?";
    }
    return {static_cast<const char*>(value), size};
}

/// Which event a message of ours carries, by the headers that we gave it.
std::optional<event_ref> ref_of(const rd_kafka_message_t& m) {
    const auto id = message_id::parse(header_of(m, "id"));
    const auto seq = header_of(m, "onceward-seq");
    event_ref ref;
    const auto read = std::from_chars(seq.data(), seq.data() + seq.size(), ref.seq);
    if (!id || read.ec != std::errc{}) return std::nullopt;
    ref.id = id->raw();
    return ref;
}

std::optional<std::size_t> size_of(const std::optional<std::string_view>& bytes) {
    return bytes ? std::optional(bytes->size()) : std::nullopt;
}

/// What the event takes as a batch of its own.
std::size_t measured(const captured_event& e, const rd_kafka_headers_t* headers) {
    batch_of_one batch(size_of(e.key), size_of(e.payload));
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
        batch.add_header(std::strlen(name), size);
    }
    return batch.bytes();
}

std::int64_t number_in(const rd_kafka_conf_t* conf, const char* property) {
    std::array<char, 32> text{};
    std::size_t size = text.size();
    rd_kafka_conf_get(conf, property, text.data(), &size);
    return std::atoll(text.data());
}

failure smaller_batches(const captured_event& e) {
    return {.next = verdict::transient,
            .message = fmt::format("batches become smaller, as topic {} asks for", e.topic),
            .origin = kafka_sink::smaller_batches_asked};
}

// librdkafka's macros cast in C's way.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
/// Appends without copying the payload, which must stay valid until the delivery report.
rd_kafka_resp_err_t producev(rd_kafka_t* producer, rd_kafka_topic_t* topic, std::int32_t partition,
                             const captured_event& e, rd_kafka_headers_t* headers,
                             std::uint64_t number) {
    const std::string_view key = e.key.value_or(std::string_view{});
    const std::string_view payload = e.payload.value_or(std::string_view{});
    char* const payload_bytes =
        const_cast<char*>(payload.data());  // NOLINT: librdkafka does not write it
    return rd_kafka_producev(producer, RD_KAFKA_V_RKT(topic), RD_KAFKA_V_PARTITION(partition),
                             RD_KAFKA_V_KEY(key.data(), key.size()),
                             RD_KAFKA_V_VALUE(payload_bytes, payload.size()),
                             RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_TIMESTAMP(e.created_ms),
                             RD_KAFKA_V_OPAQUE(opaque_of(number)), RD_KAFKA_V_END);
}
#pragma GCC diagnostic pop

}  // namespace

/// Delivery reports of one round, counted by piece: one fact for many events.
struct kafka_sink::tally {
    /// One more event of a piece; the reports of a piece come mostly together.
    void count(std::uint64_t number) {
        if (delivered.empty() || delivered.back().first != number)
            delivered.emplace_back(number, 0);
        ++delivered.back().second;
    }

    std::vector<std::pair<std::uint64_t, std::size_t>> delivered;  ///< Of a piece, how many.
    bool has_failed = false;
    std::optional<failure> fatal;  ///< The producer gave up; why is for the reports to say.
    std::chrono::steady_clock::time_point fatal_at;
};

kafka_sink::kafka_sink(sink_reports reports, partition_count pin, message_limits& limits)
    : reports_(std::move(reports)),
      pin_(std::move(pin)),
      limits_(limits),
      tally_(std::make_unique<tally>()) {}

result<std::unique_ptr<kafka_sink>> kafka_sink::open(const relay_options& options, bool one_by_one,
                                                     sink_reports reports, partition_count pin,
                                                     message_limits& limits) {
    auto conf = producer_config(options, one_by_one, limits.lowest());
    if (!conf) return conf.error();
    std::unique_ptr<kafka_sink> sink(new kafka_sink(std::move(reports), std::move(pin), limits));
    sink->batch_bytes_ = number_in(conf->get(), "batch.size");
    sink->message_bytes_ = number_in(conf->get(), "message.max.bytes");
    sink->shard_ = std::to_string(options.shard);
    sink->one_by_one_ = one_by_one;
    rd_kafka_conf_set_opaque(conf->get(), sink.get());
    rd_kafka_conf_set_dr_msg_cb(conf->get(),
                                [](rd_kafka_t*, const rd_kafka_message_t* m, void* self) {
                                    static_cast<kafka_sink*>(self)->delivered(*m);
                                });
    rd_kafka_conf_set_error_cb(conf->get(), [](rd_kafka_t*, int error, const char* reason,
                                               void* self) {
        static_cast<kafka_sink*>(self)->errored(static_cast<rd_kafka_resp_err_t>(error), reason);
    });
    rd_kafka_conf_set_stats_cb(
        conf->get(), [](rd_kafka_t*, char* json, std::size_t size, void* self) {
            static_cast<kafka_sink*>(self)->reports_.statistics({json, size});
            return 0;  // librdkafka frees it
        });
    rd_kafka_conf_set_log_cb(conf->get(), [](const rd_kafka_t*, int, const char*, const char*) {});
    char why[512];
    sink->producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf->get(), why, sizeof why);
    if (sink->producer_ == nullptr) {
        return failure{.next = verdict::fatal,
                       .message = fmt::format(
                           "cannot make a Kafka producer: {}; check --brokers and --kafka", why),
                       .origin = "kafka:new"};
    }
    static_cast<void>(conf->release());  // the producer owns it now
    sink->server_ = std::jthread([self = sink.get()](std::stop_token stop) { self->serve(stop); });
    return sink;
}

kafka_sink::~kafka_sink() {
    if (server_.joinable()) {
        server_.request_stop();
        server_.join();
    }
    if (producer_ == nullptr) return;
    routes_.clear();  // its topic handles would keep the producer alive
    rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                  RD_KAFKA_PURGE_F_NON_BLOCKING);
    rd_kafka_destroy_flags(producer_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void kafka_sink::serve(std::stop_token stop) {
    while (!stop.stop_requested()) {
        rd_kafka_poll(producer_, 50);
        for (const auto& [number, events] : tally_->delivered)
            reports_.acknowledged(number, events);
        tally_->delivered.clear();
        report_fatal_if_alone();
    }
}

/// The fatal error comes before the delivery reports that say what it was about: a refused message,
/// for one. They are given a second.
void kafka_sink::report_fatal_if_alone() {
    constexpr std::chrono::seconds patience{1};
    if (!tally_->fatal || tally_->has_failed) return;
    if (std::chrono::steady_clock::now() < tally_->fatal_at + patience) return;
    tally_->has_failed = true;
    reports_.failed({.why = *tally_->fatal});
}

void kafka_sink::delivered(const rd_kafka_message_t& m) {
    if (m.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        tally_->count(number_of(m._private));
        return;
    }
    // Swept away by another failure, which is reported itself.
    if (m.err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || m.err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT ||
        m.err == RD_KAFKA_RESP_ERR__FATAL) {
        return;
    }
    // Later failures of this producer say nothing new: it is given up as a whole.
    if (std::exchange(tally_->has_failed, true)) return;
    const char* topic = m.rkt == nullptr ? "?" : rd_kafka_topic_name(m.rkt);
    refusal r{.why = kafka::failure_of(m.err, fmt::format("Kafka refused event {} of topic {}",
                                                          header_of(m, "id"), topic))};
    if (one_by_one_ && r.why.next == verdict::rejected) r.event = ref_of(m);
    if (kafka::is_about_topic(m.err)) r.topic = topic;
    reports_.failed(std::move(r));
}

void kafka_sink::errored(rd_kafka_resp_err_t error, const char* reason) {
    if (error == RD_KAFKA_RESP_ERR__FATAL) {
        char why[512];
        const auto cause = rd_kafka_fatal_error(producer_, why, sizeof why);
        tally_->fatal = kafka::failure_of(cause, fmt::format("the producer gave up ({})", why));
        tally_->fatal->next = verdict::in_doubt;
        tally_->fatal_at = std::chrono::steady_clock::now();
    } else if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        reports_.trouble("no broker can be reached; publishing goes on when one is back");
    } else {
        reports_.trouble(fmt::format("{}: {}", rd_kafka_err2name(error), reason));
    }
}

std::variant<int, refusal> kafka_sink::partitions_of(const std::string& topic,
                                                     rd_kafka_topic_t* handle) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto error = rd_kafka_metadata(producer_, 0, handle, &found, metadata_timeout_ms);
    const std::unique_ptr<const rd_kafka_metadata_t,
                          kafka::destroy_with<&rd_kafka_metadata_destroy>>
        owner(found);
    const auto absent = [&](rd_kafka_resp_err_t e, const std::string& what) {
        auto f = kafka::failure_of(e, what);
        f.next = verdict::transient;
        return refusal{.why = std::move(f)};
    };
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return absent(
            error, "no broker answers about topic " + topic + "; check --brokers and the network");
    }
    if (found->topic_cnt != 1 || found->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        auto r = absent(
            found->topic_cnt == 1 ? found->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
            "topic " + topic + " cannot be published to; create it, or grant WRITE on it");
        r.topic = topic;
        return r;
    }
    return found->topics[0].partition_cnt;
}

std::variant<kafka_sink::route*, refusal> kafka_sink::route_of(std::string_view topic) {
    const auto known = routes_.find(topic);
    if (known != routes_.end()) return &known->second;
    const std::string name(topic);
    kafka::rd_topic handle(rd_kafka_topic_new(producer_, name.c_str(), nullptr));
    if (!handle)
        return refusal{.why = kafka::failure_of(rd_kafka_last_error(), "cannot use topic " + name),
                       .topic = name};
    auto found = partitions_of(name, handle.get());
    if (auto* r = std::get_if<refusal>(&found)) return std::move(*r);
    auto pinned = pin_(name, std::get<int>(found));
    if (!pinned) {
        const bool moved = pinned.error().origin == "topic_pin";
        return refusal{.why = pinned.error(), .topic = moved ? name : ""};
    }
    return &routes_
                .emplace(name, route{.topic = std::move(handle),
                                     .partitions = *pinned,
                                     .bytes_max = limits_.of(name)})
                .first->second;
}

bool kafka_sink::can_publish_to(const std::string& topic) {
    return std::holds_alternative<route*>(route_of(topic));
}

/// Finds out before it is sent what the topic would refuse: the event, or a whole batch. A limit
/// that was read earlier only raises the suspicion; what it is now decides.
std::optional<refusal> kafka_sink::misfit(const captured_event& e,
                                          const rd_kafka_headers_t* headers, route& to) {
    if (!one_by_one_ && *to.bytes_max < batch_bytes_) return refusal{.why = smaller_batches(e)};
    const auto bytes = measured(e, headers);
    if (std::cmp_less_equal(bytes, *to.bytes_max)) return std::nullopt;
    to.bytes_max = limits_.asked_anew(std::string(e.topic));
    if (!to.bytes_max || std::cmp_less_equal(bytes, *to.bytes_max)) return std::nullopt;
    return refusal{.why = too_large(e, bytes, *to.bytes_max, size_limit::topic),
                   .event = relay_core::ref_of(e)};
}

std::optional<refusal> kafka_sink::produce(std::uint64_t number, const captured_event& e) {
    auto found = route_of(e.topic);
    if (auto* r = std::get_if<refusal>(&found)) return std::move(*r);
    route& to = *std::get<route*>(found);
    const auto at_fault = [&](failure why) {
        return refusal{.why = std::move(why), .event = relay_core::ref_of(e)};
    };
    auto headers = wire_headers(e, shard_);
    if (!headers) {
        return at_fault(
            {.next = verdict::rejected,
             .message = fmt::format("event {} has headers that are no [name, value] pairs",
                                    message_id(e.id).to_string()),
             .origin = "headers"});
    }
    const auto largest = std::max<std::int64_t>(static_cast<std::int64_t>(bytes_at_most(e)),
                                                one_by_one_ ? 0 : batch_bytes_);
    if (to.bytes_max && largest > *to.bytes_max) {
        if (auto r = misfit(e, headers.get(), to)) return r;
    }
    // Without a key the id decides, so that a repeat lands where the first one did.
    const std::string_view placed_by = e.key ? *e.key : bytes_of(e.id);
    const std::int32_t partition = kafka::partition_of(placed_by, to.partitions);
    const auto error = producev(producer_, to.topic.get(), partition, e, headers.get(), number);
    if (error == RD_KAFKA_RESP_ERR__FATAL) return std::nullopt;  // the delivery reports say why
    if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
        return at_fault(
            too_large(e, measured(e, headers.get()), message_bytes_, size_limit::producer));
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return at_fault(
            kafka::failure_of(error, fmt::format("event {} of topic {} cannot be produced",
                                                 message_id(e.id).to_string(), e.topic)));
    }
    static_cast<void>(headers.release());  // the message owns them now
    return std::nullopt;
}

}  // namespace onceward::relay_core
