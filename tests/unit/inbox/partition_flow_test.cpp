#include "inbox/core/partition_flow.hpp"

#include <gtest/gtest.h>

namespace onceward::inbox_core {
namespace {

using ms = std::chrono::milliseconds;

constexpr flow_limits limits{
    .batch_max = 100, .retry_min = ms{50}, .retry_max = ms{5'000}, .take_pause = ms{3'000}};

partition_flow flow_at(std::int64_t next_off) {
    return {{.epoch = 4, .next_off = next_off}, limits};
}

const refusal bad{.by = fault::message, .reason = "bad", .sqlstate = "23505"};

partition_flow flow_with_dead_letters() {
    auto l = limits;
    l.dead_letter = true;
    return {{.epoch = 4, .next_off = 10}, l};
}

TEST(PartitionFlow, AppliesBatchesOneAfterAnother) {
    auto f = flow_at(10);
    EXPECT_EQ(f.next(), step::apply);
    EXPECT_EQ(f.batch_limit(), 100U);

    f.committed(110);

    EXPECT_EQ(f.at(), (position{4, 110}));
    EXPECT_EQ(f.pause(), ms{0});
    EXPECT_FALSE(f.wants(109));
    EXPECT_TRUE(f.wants(110));
}

TEST(PartitionFlow, NeverMovesItsPositionBack) {
    auto f = flow_at(10);

    f.committed(7);

    EXPECT_EQ(f.at().next_off, 10);
}

TEST(PartitionFlow, RetriesForEverWithGrowingPauses) {
    auto f = flow_at(10);
    ms last{0};
    for (int i = 0; i < 1'000; ++i) {
        f.failed_for_now(0.999);
        EXPECT_EQ(f.next(), step::apply);
        EXPECT_GE(f.pause(), last);
        last = f.pause();
    }
    EXPECT_GE(last, ms{4'900});
    EXPECT_LE(last, ms{5'000});
    EXPECT_EQ(f.attempt(), 1'001);

    f.committed(11);

    EXPECT_EQ(f.attempt(), 1);
}

TEST(PartitionFlow, TriesOneByOneWhatKeepsFailingForNow) {
    auto f = flow_at(10);
    f.failed_for_now(0);
    f.failed_for_now(0);
    EXPECT_EQ(f.batch_limit(), 100U);

    f.failed_for_now(0);
    EXPECT_EQ(f.batch_limit(), 1U);

    f.committed(109);
    EXPECT_EQ(f.batch_limit(), 1U);
    f.committed(110);
    EXPECT_EQ(f.batch_limit(), 100U);
}

TEST(PartitionFlow, IsolatesAPermanentErrorAndStopsBeforeIt) {
    auto f = flow_at(10);

    f.failed_for_good(5, 15, bad);
    EXPECT_EQ(f.next(), step::apply);
    EXPECT_EQ(f.batch_limit(), 1U);
    f.committed(11);
    f.committed(12);
    f.failed_for_good(1, 13, bad);

    EXPECT_EQ(f.next(), step::stopped);
    EXPECT_EQ(f.at().next_off, 12);
    EXPECT_EQ(f.reason(), "bad");
}

TEST(PartitionFlow, ReturnsToBatchesBehindTheIsolatedOnes) {
    auto f = flow_at(10);
    f.failed_for_good(3, 13, {.by = fault::message, .reason = "only together"});

    for (const std::int64_t next : {11, 12, 13}) f.committed(next);

    EXPECT_EQ(f.batch_limit(), 100U);
}

TEST(PartitionFlow, CondemnsAMessageAtFaultAndGoesOnBehindIt) {
    auto f = flow_with_dead_letters();

    f.failed_for_good(5, 15, bad);
    EXPECT_FALSE(f.condemned());
    f.failed_for_now(0);
    f.failed_for_good(1, 11, bad);

    ASSERT_TRUE(f.condemned());
    EXPECT_EQ(f.condemned()->offset, 10);
    EXPECT_EQ(f.condemned()->attempts, 2);
    EXPECT_EQ(f.condemned()->sqlstate, "23505");
    EXPECT_EQ(f.next(), step::apply);
    EXPECT_EQ(f.batch_limit(), 1U);
    EXPECT_EQ(f.pause(), ms{0});

    f.committed(11);
    EXPECT_FALSE(f.condemned());
    EXPECT_EQ(f.next(), step::apply);
}

TEST(PartitionFlow, StopsWhereNotTheMessageIsAtFault) {
    auto f = flow_with_dead_letters();

    f.failed_for_good(1, 11, {.by = fault::environment, .reason = "no such table"});

    EXPECT_EQ(f.next(), step::stopped);
    EXPECT_EQ(f.reason(), "no such table");
}

TEST(PartitionFlow, StopsAtWhatCanNeitherBeAppliedNorSetAside) {
    auto f = flow_with_dead_letters();
    f.failed_for_good(1, 11, bad);

    f.failed_for_good(1, 11, bad);

    EXPECT_EQ(f.next(), step::stopped);
    EXPECT_EQ(f.at().next_off, 10);
}

TEST(PartitionFlow, JudgesAnewWhatAFormerOwnerHadCondemned) {
    auto f = flow_with_dead_letters();
    f.failed_for_good(1, 11, bad);

    f.fenced(0);
    f.took({.epoch = 9, .next_off = 10});

    EXPECT_FALSE(f.condemned());
}

TEST(PartitionFlow, ResolvesACommitInDoubtBeforeAnythingElse) {
    auto f = flow_at(10);

    f.commit_unknown(20, 0);
    EXPECT_EQ(f.next(), step::apply);
    EXPECT_EQ(f.in_doubt(), 20);
    EXPECT_EQ(f.at().next_off, 10);
    f.failed_for_now(0);
    EXPECT_EQ(f.in_doubt(), 20);

    f.committed(20);
    EXPECT_EQ(f.in_doubt(), std::nullopt);
    EXPECT_EQ(f.at().next_off, 20);
}

TEST(PartitionFlow, TakesTheEpochAgainAfterAPauseWhenFenced) {
    auto f = flow_at(10);

    f.fenced(0.5);
    EXPECT_EQ(f.next(), step::take);
    EXPECT_GE(f.pause(), limits.take_pause);
    EXPECT_LE(f.pause(), limits.take_pause * 5 / 4);

    f.took({.epoch = 9, .next_off = 7});
    EXPECT_EQ(f.next(), step::apply);
    EXPECT_EQ(f.at(), (position{9, 7}));
}

TEST(PartitionFlow, ForgetsADoubtOfAnEpochThatIsOver) {
    auto f = flow_at(10);
    f.commit_unknown(20, 0);
    f.fenced(0);

    f.took({.epoch = 6, .next_off = 20});

    EXPECT_EQ(f.in_doubt(), std::nullopt);
    EXPECT_EQ(f.at(), (position{6, 20}));
}

TEST(PartitionFlow, KeepsTakingWhileTheDatabaseIsAway) {
    auto f = flow_at(10);
    f.fenced(0);

    f.failed_for_now(0);

    EXPECT_EQ(f.next(), step::take);
}

TEST(PartitionFlow, DoesNothingMoreWhenThePartitionHasLeft) {
    auto f = flow_at(10);

    f.leave();

    EXPECT_EQ(f.next(), step::left);
}

}  // namespace
}  // namespace onceward::inbox_core
