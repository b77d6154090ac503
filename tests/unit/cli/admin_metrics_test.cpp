#include <gtest/gtest.h>

#include "admin/metrics.hpp"

namespace onceward::cli {
namespace {

using reach = relay_connection::reach;

metrics_facts some_facts() {
    metrics_facts f{.version = "1.2.3", .schema_version = 9};
    outbox_metrics o{.label = "shop", .shard = 4};
    o.counts.published = 42;
    o.state.role = relay_role::leader;
    o.state.database.now = reach::up;
    f.outboxes.push_back(std::move(o));
    return f;
}

bool has_line(const std::string& page, const std::string& line) {
    return ("\n" + page).find("\n" + line + "\n") != std::string::npos;
}

TEST(MetricsPage, NamesTheOutboxAndTheShard) {
    EXPECT_TRUE(has_line(metrics_page(some_facts()),
                         R"(onceward_relay_published_total{outbox="shop",shard="4"} 42)"));
}

TEST(MetricsPage, HasOneFamilyWithALineForEachOutbox) {
    auto f = some_facts();
    f.outboxes.push_back({.label = "billing", .shard = 0});
    f.outboxes.back().counts.published = 7;
    const auto page = metrics_page(f);

    const std::string name = "onceward_relay_published_total";
    EXPECT_TRUE(has_line(page, name + R"({outbox="shop",shard="4"} 42)")) << page;
    EXPECT_TRUE(has_line(page, name + R"({outbox="billing",shard="0"} 7)")) << page;
    EXPECT_EQ(page.find("# TYPE " + name), page.rfind("# TYPE " + name));
    const std::string spread = "# TYPE onceward_relay_batch_events";
    EXPECT_EQ(page.find(spread), page.rfind(spread));
}

TEST(MetricsPage, SaysWhatRuns) {
    EXPECT_TRUE(has_line(metrics_page(some_facts()),
                         R"(onceward_build_info{version="1.2.3",schema_version="9"} 1)"));
}

TEST(MetricsPage, HasTheRole) {
    const auto value = [](relay_role role, const std::string& name) {
        auto f = some_facts();
        f.outboxes[0].state.role = role;
        const auto page = metrics_page(f);
        const std::string line = name + R"({outbox="shop",shard="4"} )";
        EXPECT_TRUE(has_line(page, line + "0") || has_line(page, line + "1")) << page;
        return has_line(page, line + "1");
    };
    EXPECT_FALSE(value(relay_role::standby, "onceward_relay_leader"));
    EXPECT_FALSE(value(relay_role::connecting, "onceward_relay_leader"));
    EXPECT_TRUE(value(relay_role::leader, "onceward_relay_leader"));
    EXPECT_TRUE(value(relay_role::paused, "onceward_relay_leader"));
    EXPECT_TRUE(value(relay_role::paused, "onceward_relay_paused"));
    EXPECT_FALSE(value(relay_role::leader, "onceward_relay_paused"));
    EXPECT_TRUE(value(relay_role::stopped, "onceward_relay_leader"));
    EXPECT_TRUE(value(relay_role::stopped, "onceward_relay_stopped"));
}

TEST(MetricsPage, HasCumulativeBucketsOfEachHistogram) {
    auto f = some_facts();
    f.outboxes[0].counts.histograms.batch.counts[0] = 2;
    f.outboxes[0].counts.histograms.batch.counts[3] = 1;
    f.outboxes[0].counts.histograms.batch.counts.back() = 4;
    f.outboxes[0].counts.histograms.batch.sum = 50;
    const auto page = metrics_page(f);
    const auto bucket = [&](const std::string& le, int count) {
        return has_line(page, R"(onceward_relay_batch_events_bucket{outbox="shop",shard="4",le=")" +
                                  le + R"("} )" + std::to_string(count));
    };

    EXPECT_TRUE(bucket("1", 2)) << page;
    EXPECT_TRUE(bucket("4", 2)) << page;
    EXPECT_TRUE(bucket("8", 3)) << page;
    EXPECT_TRUE(bucket("+Inf", 7)) << page;
    EXPECT_TRUE(has_line(page, R"(onceward_relay_batch_events_count{outbox="shop",shard="4"} 7)"));
    EXPECT_TRUE(has_line(page, R"(onceward_relay_batch_events_sum{outbox="shop",shard="4"} 50)"));
}

TEST(MetricsPage, HasAFigureOfEachBroker) {
    auto f = some_facts();
    f.outboxes[0].state.kafka_figures =
        relay_kafka{.queue_messages = 9,
                    .brokers = {{.id = 1, .rtt_s = 0.25, .requests = 40}, {.id = 2, .retries = 3}}};
    const auto page = metrics_page(f);

    EXPECT_TRUE(has_line(page, R"(onceward_kafka_queue_messages{outbox="shop",shard="4"} 9)"));
    for (const char* line :
         {R"(onceward_kafka_broker_rtt_seconds{outbox="shop",shard="4",broker="1"} 0.25)",
          R"(onceward_kafka_requests_total{outbox="shop",shard="4",broker="1"} 40)",
          R"(onceward_kafka_retries_total{outbox="shop",shard="4",broker="2"} 3)"})
        EXPECT_TRUE(has_line(page, line)) << line << " in\n" << page;
}

TEST(MetricsPage, LeavesOutWhatIsNotKnown) {
    auto f = some_facts();
    for (const char* name : {"onceward_outbox_", "last_published", "process_", "kafka"})
        EXPECT_EQ(metrics_page(f).find(std::string("\n") + name), std::string::npos) << name;
    EXPECT_EQ(metrics_page(f).find(R"(target="kafka")"), std::string::npos);

    f.outboxes[0].state.kafka.now = reach::down;
    f.outboxes[0].state.backlog = relay_backlog{.pending_events = 7, .oldest_pending_s = 1.5};
    f.process = process_facts{.threads = 3};
    const auto page = metrics_page(f);
    EXPECT_TRUE(
        has_line(page, R"(onceward_relay_connected{outbox="shop",shard="4",target="kafka"} 0)"));
    EXPECT_TRUE(has_line(page, R"(onceward_outbox_pending_events{outbox="shop",shard="4"} 7)"));
    EXPECT_TRUE(has_line(
        page, R"(onceward_outbox_oldest_pending_age_seconds{outbox="shop",shard="4"} 1.5)"));
    EXPECT_TRUE(has_line(page, "process_threads 3"));
}

TEST(ProcessFacts, AreThisProcesss) {
    const auto f = read_process_facts();

    ASSERT_TRUE(f);
    EXPECT_GE(f->threads, 1);
    EXPECT_GT(f->resident_bytes, 1 << 20);
    EXPECT_GE(f->virtual_bytes, f->resident_bytes);
    EXPECT_GT(f->open_files, 2);
    EXPECT_GE(f->open_files_max, f->open_files);
    EXPECT_GT(f->start_time_s, 1'600'000'000);
}

}  // namespace
}  // namespace onceward::cli
