#include "relay_settings.hpp"

#include "admin/settings.hpp"
#include "common.hpp"

namespace onceward::cli {

namespace {

using namespace std::chrono_literals;
using options::bytes;
using options::count;
using options::duration;

constexpr std::int64_t kibibyte = 1LL << 10;
constexpr std::int64_t mebibyte = 1LL << 20;

std::int64_t signed_size(std::size_t n) {
    return static_cast<std::int64_t>(n);
}

options::table what_to_relay(const relay_options& d) {
    return {
        options::text("brokers", "HOST:PORT,...", d.brokers, "Where Kafka is. Must be given."),
        options::properties(
            "kafka", "PROPERTY=VALUE",
            "A property for librdkafka, as in its CONFIGURATION.md. Secrets belong into files or "
            "variables: sasl.password_file names a file, ONCEWARD_KAFKA_SASL_PASSWORD sets it."),
        options::text("name", "NAME", d.name,
                      "Who holds the lease, in status and logs; a random part is added."),
        options::restart_only(count(
            "shard", "", {d.shard, 0, 32'767},
            "The shard to relay, a row of relay_cursor. A second relay of one shard stands by."))};
}

options::table how_to_relay(const relay_options& d) {
    return {
        duration(
            "lease-ttl", {d.lease_ttl, 500ms, 10min},
            "A dead relay is replaced after this long. Low: a slow moment loses the lease. High: a "
            "longer pause after a crash."),
        duration(
            "poll-min", {d.poll_min, 1ms, 10s},
            "Pause between reads while events come. Low: load on the database. High: latency."),
        duration("poll-max", {d.poll_max, 1ms, 1min},
                 "Longest pause between reads when idle. Low: load when idle. High: latency of the "
                 "first event."),
        count(
            "piece-events", "events", {signed_size(d.piece_events), 1, 100'000},
            "Events read at a time. Low: bound by round trips. High: memory, a longer pause before "
            "the first is sent."),
        bytes("piece-bytes", {signed_size(d.piece_bytes), kibibyte, 256 * mebibyte},
              "Bytes read at a time, at least one event. Low: bound by round trips. High: memory."),
        bytes(
            "in-flight-bytes", {signed_size(d.in_flight_bytes), kibibyte, 1'024 * mebibyte},
            "Memory for what is read and not yet acknowledged by Kafka; an event counts with 1 KiB "
            "beside its own bytes. Low: the broker idles. High: memory, and more repeats after a "
            "crash."),
        duration(
            "checkpoint-interval", {d.checkpoint_interval, 10ms, 1min},
            "How often the cursor is stored. Low: dead rows in the database. High: more repeats "
            "after a crash."),
        duration("retry-min", {d.retry_min, 1ms, 1min},
                 "Pause after the first failure. Low: load on what has just failed. High: longer "
                 "outages."),
        duration(
            "retry-max", {d.retry_max, 1ms, 10min},
            "Longest pause between tries; doubles up to here. Low: load during an outage. High: "
            "late when it is over."),
        duration(
            "stop-timeout", {d.stop_timeout, 100ms, 10min},
            "Bound of a shutdown. Low: may stop before all is acknowledged, and repeat it at the "
            "next start. High: a slow stop."),
        duration("sample-interval", {d.sample_interval, 100ms, 10min},
                 "How often what waits in the outbox is counted for metrics. Low: load on the "
                 "database. High: old numbers."),
        options::choice("on-refused", "dead-letter|stop", "dead-letter",
                        "What becomes of an event that Kafka refuses for good: it leaves its key's "
                        "order as a dead letter, or its shard stops before it."),
        duration("hold-grace", {d.hold_grace, 100ms, 1h},
                 "How long all events wait for a topic that is missing or may not be written to; "
                 "then its own wait apart. Low: a short trouble splits the order between topics. "
                 "High: one topic stops all for longer."),
        count("held-events-max", "events", {signed_size(d.held_events_max), 0, 100'000'000},
              "Events of such topics that may wait apart; beyond, all wait. Low: one topic stops "
              "all sooner. High: disk in the database."),
        options::choice("capture", "poll|wal", "poll",
                        "How events are read: from the table, or from the write-ahead log through "
                        "a replication slot. wal needs wal_level=logical and a role with "
                        "REPLICATION. May be switched at any time."),
    };
}

options::table several_outboxes() {
    return {options::restart_only(options::sections(
        "outboxes", "LIST",
        "Several outboxes for one relay, at most 64: a list of maps, each with a name and whatever "
        "differs from the file's other keys, such as database, schema or shard."))};
}

}  // namespace

options::table relay_rows() {
    const relay_options defaults;
    const auto own = options::of_sections(joined(what_to_relay(defaults), how_to_relay(defaults)));
    return joined(joined(connection_rows(), own),
                  joined(several_outboxes(), joined(admin_rows(), log_rows())));
}

relay_options relay_options_of(const options::values& values, const endpoints& to) {
    return {.database = to.database,
            .schema = schema_of(values),
            .brokers = values.text("brokers"),
            .kafka = to.kafka,
            .name = values.text("name"),
            .shard = static_cast<std::int16_t>(values.number("shard")),
            .lease_ttl = values.duration("lease-ttl"),
            .poll_min = values.duration("poll-min"),
            .poll_max = values.duration("poll-max"),
            .piece_events = values.size("piece-events"),
            .piece_bytes = values.size("piece-bytes"),
            .in_flight_bytes = values.size("in-flight-bytes"),
            .checkpoint_interval = values.duration("checkpoint-interval"),
            .retry_min = values.duration("retry-min"),
            .retry_max = values.duration("retry-max"),
            .stop_timeout = values.duration("stop-timeout"),
            .sample_interval = values.duration("sample-interval"),
            .on_refused = values.text("on-refused") == "stop" ? refused_event::stop
                                                              : refused_event::dead_letter,
            .hold_grace = values.duration("hold-grace"),
            .held_events_max = values.size("held-events-max"),
            .capture = values.text("capture") == "wal" ? capture_engine::wal
                                                       : capture_engine::poll};
}

}  // namespace onceward::cli
