#include "admin/metrics.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace onceward::cli {

namespace {

using label = prometheus::ClientMetric::Label;
using prometheus::MetricFamily;
using prometheus::MetricType;
using reach = relay_connection::reach;
using number = std::optional<double>;  // empty: not known, so not on the page

constexpr auto counter = MetricType::Counter;
constexpr auto gauge = MetricType::Gauge;

double as_double(std::uint64_t n) {
    return static_cast<double>(n);
}

double unix_seconds(std::chrono::system_clock::time_point t) {
    return std::chrono::duration<double>(t.time_since_epoch()).count();
}

bool holds_lease(const relay_state& s) {
    return s.role == relay_role::leader || s.role == relay_role::paused ||
           s.role == relay_role::stopped;
}

void add_value(MetricFamily& to, std::vector<label> labels, double value) {
    prometheus::ClientMetric m;
    m.label = std::move(labels);
    (to.type == counter ? m.counter.value : m.gauge.value) = value;
    to.metric.push_back(std::move(m));
}

template <class Facts>
struct row {
    const char* name;
    MetricType type;
    const char* help;
    std::function<number(const Facts&)> value;
};

number of_backlog(const outbox_metrics& f, double (*value)(const relay_backlog&)) {
    return f.state.backlog ? number(value(*f.state.backlog)) : std::nullopt;
}

/// Of one shard.
const std::vector<row<outbox_metrics>>& relay_rows_of_metrics() {
    static const std::vector<row<outbox_metrics>> rows{
        {"onceward_relay_leader", gauge, "1 if this relay holds the shard's lease, else 0.",
         [](const auto& f) { return holds_lease(f.state); }},
        {"onceward_relay_paused", gauge, "1 if it holds the lease and a person has paused it.",
         [](const auto& f) { return f.state.role == relay_role::paused; }},
        {"onceward_relay_stopped", gauge,
         "1 if it holds the lease and stands before an event that Kafka refuses.",
         [](const auto& f) { return f.state.role == relay_role::stopped; }},
        {"onceward_relay_alive", gauge, "1 if the relay's own loop goes round.",
         [](const auto& f) { return f.state.alive(); }},
        {"onceward_relay_read_total", counter, "Events read from the outbox.",
         [](const auto& f) { return as_double(f.counts.read); }},
        {"onceward_relay_published_total", counter, "Events that Kafka has acknowledged.",
         [](const auto& f) { return as_double(f.counts.published); }},
        {"onceward_relay_windows_total", counter, "Snapshot windows published to their end.",
         [](const auto& f) { return as_double(f.counts.windows); }},
        {"onceward_relay_rebuilds_total", counter,
         "Producers destroyed after a failure and built again.",
         [](const auto& f) { return as_double(f.counts.rebuilds); }},
        {"onceward_relay_leases_total", counter, "Leases taken.",
         [](const auto& f) { return as_double(f.counts.leases); }},
        {"onceward_relay_dead_lettered_total", counter, "Events that became dead letters.",
         [](const auto& f) { return as_double(f.counts.dead_lettered); }},
        {"onceward_relay_held_total", counter,
         "Events that were put aside because their topic could not be published to.",
         [](const auto& f) { return as_double(f.counts.held); }},
        {"onceward_relay_held_events", gauge, "Such events that wait now.",
         [](const auto& f) { return as_double(f.counts.held_now); }},
        {"onceward_relay_streams_total", counter, "Times a replication stream was begun.",
         [](const auto& f) { return as_double(f.counts.streams); }},
        {"onceward_relay_slots_lost_total", counter,
         "Replication slots that were gone, invalidated or made anew by somebody else.",
         [](const auto& f) { return as_double(f.counts.slots_lost); }},
        {"onceward_relay_reads_wal", gauge,
         "1 if events are read from the write-ahead log now, 0 if from the table.",
         [](const auto& f) { return f.state.source == relay_source::wal; }},
        {"onceward_relay_in_flight_bytes", gauge, "Bytes read and not yet acknowledged by Kafka.",
         [](const auto& f) { return as_double(f.counts.in_flight_bytes); }},
        {"onceward_relay_in_flight_bytes_max", gauge, "How many there may be: in-flight-bytes.",
         [](const auto& f) { return as_double(f.in_flight_bytes_max); }},
        {"onceward_relay_last_published_timestamp_seconds", gauge,
         "When Kafka last acknowledged an event to this process.",
         [](const auto& f) -> number {
             if (!f.state.published_at) return std::nullopt;
             return unix_seconds(*f.state.published_at);
         }},
        {"onceward_outbox_pending_events", gauge,
         "Events behind the stored cursor, which lags by a second; counted up to 100000.",
         [](const auto& f) {
             return of_backlog(f,
                               [](const auto& b) { return static_cast<double>(b.pending_events); });
         }},
        {"onceward_outbox_oldest_pending_age_seconds", gauge,
         "Age of the oldest of them when they were counted.",
         [](const auto& f) {
             return of_backlog(f, [](const auto& b) { return b.oldest_pending_s; });
         }},
        {"onceward_outbox_dead_events", gauge,
         "Events kept aside because Kafka refuses them; counted up to 100000.",
         [](const auto& f) {
             return of_backlog(f, [](const auto& b) { return static_cast<double>(b.dead_events); });
         }},
        {"onceward_outbox_table_bytes_limit", gauge,
         "The size on disk beyond which it is an alarm: onceward.outbox_disk_limit.",
         [](const auto& f) {
             return of_backlog(
                 f, [](const auto& b) { return static_cast<double>(b.table_bytes_limit); });
         }},
        {"onceward_outbox_table_bytes", gauge, "The outbox on disk, with its indexes.",
         [](const auto& f) {
             return of_backlog(f, [](const auto& b) { return static_cast<double>(b.table_bytes); });
         }},
        {"onceward_outbox_slot_bytes", gauge, "WAL that the shard's replication slot keeps.",
         [](const auto& f) -> number {
             if (!f.state.backlog || !f.state.backlog->slot_bytes) return std::nullopt;
             return static_cast<double>(*f.state.backlog->slot_bytes);
         }},
        {"onceward_outbox_sampled_timestamp_seconds", gauge,
         "When the numbers of onceward_outbox_ were taken.", [](const auto& f) {
             return of_backlog(f, [](const auto& b) { return unix_seconds(b.sampled_at); });
         }}};
    return rows;
}

number of_process(const metrics_facts& f, double process_facts::*field) {
    return f.process ? number((*f.process).*field) : std::nullopt;
}

const std::vector<row<metrics_facts>>& process_rows() {
    static const std::vector<row<metrics_facts>> rows{
        {"process_cpu_seconds_total", counter, "CPU time in seconds.",
         [](const auto& f) { return of_process(f, &process_facts::cpu_seconds); }},
        {"process_virtual_memory_bytes", gauge, "Virtual memory in bytes.",
         [](const auto& f) { return of_process(f, &process_facts::virtual_bytes); }},
        {"process_resident_memory_bytes", gauge, "Resident memory in bytes.",
         [](const auto& f) { return of_process(f, &process_facts::resident_bytes); }},
        {"process_threads", gauge, "Threads.",
         [](const auto& f) { return of_process(f, &process_facts::threads); }},
        {"process_start_time_seconds", gauge, "When the process started, since 1970.",
         [](const auto& f) { return of_process(f, &process_facts::start_time_s); }},
        {"process_open_fds", gauge, "Open file descriptors.",
         [](const auto& f) { return of_process(f, &process_facts::open_files); }},
        {"process_max_fds", gauge, "How many there may be.",
         [](const auto& f) { return of_process(f, &process_facts::open_files_max); }},
        {"onceward_config_reloads_total", counter, "Times the configuration was read again.",
         [](const auto& f) { return as_double(f.reloads.succeeded + f.reloads.failed); }},
        {"onceward_config_reloads_failed_total", counter,
         "Of these, times that it was wrong and the old one stayed in force.",
         [](const auto& f) { return as_double(f.reloads.failed); }},
        {"onceward_config_last_reload_successful", gauge,
         "0 if the configuration that was read last is not the one in force.",
         [](const auto& f) { return f.reloads.last_succeeded; }},
        {"onceward_admin_requests_total", counter, "Requests to this port that were answered.",
         [](const auto& f) { return as_double(f.admin.answered); }},
        {"onceward_admin_refused_total", counter,
         "Requests to this port that were malformed, too large or too many at once.",
         [](const auto& f) { return as_double(f.admin.refused); }},
        {"onceward_admin_cut_total", counter,
         "Connections to this port that were too slow or had to make room.",
         [](const auto& f) { return as_double(f.admin.cut); }},
        {"onceward_admin_connections", gauge, "Connections to this port now.",
         [](const auto& f) { return as_double(f.admin.open); }}};
    return rows;
}

std::vector<label> labels_of(const outbox_metrics& f) {
    return {{"outbox", f.label}, {"shard", std::to_string(f.shard)}};
}

/// Adds what is in `family` to the one of its name, which the page has once.
void add(std::vector<MetricFamily>& to, MetricFamily family) {
    const auto there = std::ranges::find(to, family.name, &MetricFamily::name);
    if (there != to.end()) {
        std::ranges::move(family.metric, std::back_inserter(there->metric));
    } else if (!family.metric.empty()) {
        to.push_back(std::move(family));
    }
}

template <class Facts>
MetricFamily family_of(const row<Facts>& r) {
    return {.name = r.name, .help = r.help, .type = r.type, .metric = {}};
}

/// One family a row, with a value for each outbox that knows it.
void add_outboxes(std::vector<MetricFamily>& to, const metrics_facts& f) {
    for (const auto& r : relay_rows_of_metrics()) {
        auto family = family_of(r);
        for (const auto& o : f.outboxes) {
            if (const number value = r.value(o)) add_value(family, labels_of(o), *value);
        }
        add(to, std::move(family));
    }
}

void add_process(std::vector<MetricFamily>& to, const metrics_facts& f) {
    for (const auto& r : process_rows()) {
        auto family = family_of(r);
        if (const number value = r.value(f)) add_value(family, {}, *value);
        add(to, std::move(family));
    }
}

MetricFamily family_of(const char* name, MetricType type, const char* help) {
    return {.name = name, .help = help, .type = type, .metric = {}};
}

MetricFamily spread(const char* name, const char* help, const std::vector<label>& labels,
                    const histogram& h) {
    auto family = family_of(name, MetricType::Histogram, help);
    prometheus::ClientMetric m;
    m.label = labels;
    for (std::size_t i = 0; i < h.counts.size(); ++i) {
        m.histogram.sample_count += h.counts[i];
        const bool all = i == histogram::bounds;
        m.histogram.bucket.push_back(
            {m.histogram.sample_count, all ? std::numeric_limits<double>::infinity() : h.bound(i)});
    }
    m.histogram.sample_sum = h.sum;
    family.metric.push_back(std::move(m));
    return family;
}

void add_histograms(std::vector<MetricFamily>& to, const std::vector<label>& labels,
                    const relay_histograms& h) {
    add(to, spread("onceward_relay_end_to_end_latency_seconds",
                   "From an event's creation to Kafka's acknowledgement.", labels, h.end_to_end));
    add(to, spread("onceward_relay_publish_duration_seconds",
                   "From the first event of a read to the acknowledgement of its last one.", labels,
                   h.publish));
    add(to,
        spread("onceward_relay_batch_events", "Events that were read together.", labels, h.batch));
    add(to, spread("onceward_relay_checkpoint_duration_seconds",
                   "Of storing the cursor and renewing the lease.", labels, h.checkpoint));
}

/// One series a broker.
void add_brokers(std::vector<MetricFamily>& to, MetricFamily family,
                 const std::vector<label>& labels, const relay_kafka& k,
                 double (*value)(const relay_kafka::broker&)) {
    for (const auto& b : k.brokers) {
        auto own = labels;
        own.push_back({"broker", std::to_string(b.id)});
        add_value(family, std::move(own), value(b));
    }
    add(to, std::move(family));
}

void add_kafka(std::vector<MetricFamily>& to, const std::vector<label>& labels,
               const relay_kafka& k) {
    const auto each = [&](const char* name, MetricType type, const char* help, auto value) {
        add_brokers(to, family_of(name, type, help), labels, k, value);
    };
    auto messages = family_of("onceward_kafka_queue_messages", gauge,
                              "Messages that the producer holds until they are acknowledged.");
    add_value(messages, labels, as_double(k.queue_messages));
    add(to, std::move(messages));
    auto bytes = family_of("onceward_kafka_queue_bytes", gauge, "Their bytes.");
    add_value(bytes, labels, as_double(k.queue_bytes));
    add(to, std::move(bytes));
    each("onceward_kafka_broker_rtt_seconds", gauge,
         "Time of a request to the broker, 99th percentile since the last look.",
         [](const relay_kafka::broker& b) { return b.rtt_s; });
    each("onceward_kafka_broker_throttle_seconds", gauge,
         "How long the broker has asked for a pause, likewise.",
         [](const relay_kafka::broker& b) { return b.throttle_s; });
    each("onceward_kafka_requests_total", counter, "Requests to the broker.",
         [](const relay_kafka::broker& b) { return as_double(b.requests); });
    each("onceward_kafka_retries_total", counter, "Requests to the broker that were sent again.",
         [](const relay_kafka::broker& b) { return as_double(b.retries); });
    each("onceward_kafka_request_errors_total", counter,
         "Requests to the broker that failed or got no answer in time.",
         [](const relay_kafka::broker& b) { return as_double(b.errors); });
}

MetricFamily build_info(const metrics_facts& f) {
    MetricFamily family{.name = "onceward_build_info",
                        .help = "Always 1; what runs, in its labels.",
                        .type = gauge,
                        .metric = {}};
    add_value(family,
              {{"version", f.version}, {"schema_version", std::to_string(f.schema_version)}}, 1);
    return family;
}

MetricFamily connections(const metrics_facts& f) {
    MetricFamily family{.name = "onceward_relay_connected",
                        .help =
                            "1 if it reaches the server that target names. Kafka: of the "
                            "holder of the lease only.",
                        .type = gauge,
                        .metric = {}};
    const auto take = [&](const outbox_metrics& o, const char* target, const relay_connection& c) {
        if (c.now == reach::unknown) return;
        auto labels = labels_of(o);
        labels.push_back({"target", target});
        add_value(family, std::move(labels), c.now == reach::up);
    };
    for (const auto& o : f.outboxes) {
        take(o, "postgres", o.state.database);
        take(o, "kafka", o.state.kafka);
    }
    return family;
}

}  // namespace

std::string metrics_page(const metrics_facts& f) {
    std::vector<MetricFamily> all{build_info(f)};
    add(all, connections(f));
    add_outboxes(all, f);
    for (const auto& o : f.outboxes) {
        add_histograms(all, labels_of(o), o.counts.histograms);
        if (o.state.kafka_figures) add_kafka(all, labels_of(o), *o.state.kafka_figures);
    }
    add_process(all, f);
    return prometheus::TextSerializer().Serialize(all);
}

}  // namespace onceward::cli
