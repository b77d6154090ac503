#include <gtest/gtest.h>

#include "doctor/database.hpp"
#include "doctor/report.hpp"
#include "topics/judge.hpp"

namespace onceward::cli {
namespace {

using namespace std::chrono_literals;

kafka::topic_description healthy() {
    return {.name = "orders",
            .partitions = 6,
            .replication = 3,
            .min_insync_replicas = 2,
            .max_message_bytes = 1'048'588};
}

/// The one finding about `t`; "" where there is none.
std::string found(const std::optional<kafka::topic_description>& t,
                  const used_topic& used = {.name = "orders", .pinned = 6}) {
    const auto all = judge(used, t, "kafka:9092");
    if (all.empty()) return "";
    const char* level = all.front().level == severity::problem ? "problem: " : "warning: ";
    return all.size() == 1 ? level + sentence(all.front()) : std::to_string(all.size());
}

TEST(TopicJudgement, FindsNothingAtAHealthyTopic) {
    EXPECT_EQ(found(healthy()), "");
    EXPECT_EQ(found(healthy(), {.name = "orders"}), "") << "not pinned yet";
}

TEST(TopicJudgement, MissesATopicAndSaysHowToMakeItAsItWas) {
    EXPECT_EQ(found(std::nullopt),
              "problem: topic orders does not exist, or may not be seen: its events wait: onceward "
              "topics create orders --partitions 6");
}

TEST(TopicJudgement, OnlyWarnsOfAMissingTopicThatNoRecentEventNames) {
    EXPECT_TRUE(found(std::nullopt, {.name = "old", .pinned = 2, .recent = false})
                    .starts_with("warning: topic old is pinned and does not exist"));
}

TEST(TopicJudgement, FindsAnotherPartitionCountThanThePinnedOne) {
    EXPECT_NE(found(healthy(), {.name = "orders", .pinned = 4})
                  .find("topics repin orders --partitions 6"),
              std::string::npos);
    EXPECT_NE(found(healthy(), {.name = "orders", .pinned = 8}).find("made it anew"),
              std::string::npos);
}

TEST(TopicJudgement, FindsSettingsUnderWhichNothingIsEverAcknowledged) {
    auto t = healthy();
    t.min_insync_replicas = 4;

    EXPECT_TRUE(found(t).starts_with("problem: topic orders asks for 4 copies in sync"))
        << found(t);
}

TEST(TopicJudgement, WarnsWhereAnAcknowledgedEventRestsOnOneBroker) {
    auto one_in_sync = healthy();
    one_in_sync.min_insync_replicas = 1;
    auto one_copy = healthy();
    one_copy.replication = 1;
    one_copy.min_insync_replicas = 1;

    EXPECT_NE(found(one_in_sync).find("--add-config min.insync.replicas=2"), std::string::npos);
    EXPECT_TRUE(found(one_copy).starts_with("warning: topic orders has one copy"));
}

TEST(TopicJudgement, WarnsOfALimitBelowTheLargestEvent) {
    auto t = healthy();
    t.max_message_bytes = 500'000;

    EXPECT_NE(found(t).find("--add-config max.message.bytes=1048588"), std::string::npos);
}

TEST(TopicJudgement, SaysWhenItCouldNotSeeTheSettings) {
    kafka::topic_description t{
        .name = "orders", .partitions = 6, .replication = 3, .unread = "not authorized"};

    EXPECT_EQ(found(t),
              "warning: the settings of topic orders cannot be read: not authorized: if "
              "that is a matter of rights, allow DESCRIBE_CONFIGS on it");
}

TEST(ClockJudgement, CountsOnlyWhatTheMeasurementIsSureOf) {
    EXPECT_TRUE(judge_clock(0ms, 1ms).empty());
    EXPECT_TRUE(judge_clock(5s, 4s).empty()) << "a slow answer proves nothing";
    EXPECT_TRUE(judge_clock(-1'999ms, 0ms).empty());

    const auto behind = judge_clock(-10s, 10ms);
    ASSERT_EQ(behind.size(), 1U);
    EXPECT_EQ(behind.front().level, severity::warning);
    EXPECT_EQ(behind.front().what, "the server's clock is 10.0 s behind this machine's");
    EXPECT_EQ(judge_clock(45min, 10ms).front().level, severity::problem);
}

TEST(DoctorReport, ShowsEachRemedyAndTheWorstOfAll) {
    const std::vector<section> sections{
        {"server", {}},
        {"topic x", {{severity::warning, "w\x1b[2J", "do a"}, {severity::problem, "p", "do b"}}}};

    EXPECT_EQ(worst(sections), severity::problem);
    EXPECT_EQ(report_text(sections),
              "ok       server\n"
              "warning  topic x: w?[2J\n"
              "         -> do a\n"
              "problem  topic x: p\n"
              "         -> do b\n");
    EXPECT_NE(report_json(sections).find("\"level\": \"problem\""), std::string::npos);
}

}  // namespace
}  // namespace onceward::cli
