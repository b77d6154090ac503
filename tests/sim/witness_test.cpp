#include "witness.hpp"

#include <gtest/gtest.h>

#include "core/uuid7.hpp"

namespace onceward::sim {
namespace {

message_id id(std::uint64_t n) {
    return make_uuid7(n, {});
}

class Witness : public ::testing::Test {
protected:
    /// Events 1 to n of key 0, committed.
    void commit(std::uint64_t n) {
        for (std::uint64_t i = 1; i <= n; ++i) {
            truth.added(id(i), 0, static_cast<int>(i));
            truth.committed(id(i));
        }
    }
    void expect_broken(promise p) {
        ASSERT_EQ(truth.violations().size(), 1U);
        EXPECT_EQ(truth.violations()[0].broken, p) << truth.violations()[0].what;
    }
    void expect_kept() { EXPECT_TRUE(truth.violations().empty()); }

    coverage seen_;
    witness truth{seen_};
};

TEST_F(Witness, IsContentWithEveryEventOnceInOrder) {
    commit(3);
    for (std::uint64_t i = 1; i <= 3; ++i) truth.appended(id(i), 0);
    for (std::uint64_t i = 1; i <= 3; ++i) truth.applied(id(i));
    truth.check_complete();

    expect_kept();
}

TEST_F(Witness, AllowsRepeatsInTheLog) {
    commit(2);
    for (const std::uint64_t i : {1U, 2U, 1U, 2U}) truth.appended(id(i), 0);

    expect_kept();
}

TEST_F(Witness, SeesAFirstOccurrenceOutOfOrder) {
    commit(2);
    truth.appended(id(2), 0);

    expect_broken(promise::log_ordered);
}

TEST_F(Witness, SeesAKeyInTwoPartitions) {
    commit(2);
    truth.appended(id(1), 0);
    truth.appended(id(2), 1);

    expect_broken(promise::log_ordered);
}

TEST_F(Witness, SeesAnEventOfAnOpenTransaction) {
    truth.added(id(1), 0, 1);
    truth.appended(id(1), 0);

    expect_broken(promise::no_phantom);
}

TEST_F(Witness, SeesAnEventOfAnAbortedTransaction) {
    truth.added(id(1), 0, 1);
    truth.aborted(id(1));
    truth.appended(id(1), 0);

    expect_broken(promise::no_phantom);
}

TEST_F(Witness, SeesThatACrashTookBackWhatWasPublished) {
    commit(1);
    truth.appended(id(1), 0);
    truth.lost(id(1), /*by_failover=*/false);

    expect_broken(promise::no_phantom);
}

TEST_F(Witness, ExcusesWhatAFailoverTookBack) {
    commit(2);
    truth.appended(id(1), 0);
    truth.appended(id(2), 0);
    truth.applied(id(1));
    truth.lost(id(2), /*by_failover=*/true);
    truth.count_prefixes();
    truth.added(id(3), 0, 2);
    truth.committed(id(3));
    truth.appended(id(3), 0);
    truth.applied(id(2));
    truth.applied(id(3));
    truth.check_complete();

    expect_kept();
}

TEST_F(Witness, SeesAnEffectTwice) {
    commit(1);
    truth.applied(id(1));
    truth.applied(id(1));

    expect_broken(promise::once);
}

TEST_F(Witness, SeesEffectsOutOfOrder) {
    commit(2);
    truth.applied(id(2));

    expect_broken(promise::ordered);
}

TEST_F(Witness, SeesWhatIsNotInTheLog) {
    commit(1);
    truth.check_complete();

    expect_broken(promise::complete);
    EXPECT_EQ(truth.missing_in_log(), 1U);
}

TEST_F(Witness, SeesWhatNeverTookEffect) {
    commit(1);
    truth.appended(id(1), 0);
    truth.check_complete();

    expect_broken(promise::complete);
    EXPECT_EQ(truth.missing_effects(), 1U);
}

TEST_F(Witness, SeesATenureThatPublishesTwice) {
    commit(1);
    truth.produced(1, 1, id(1), false);
    truth.produced(2, 2, id(1), false);
    expect_kept();

    truth.produced(2, 2, id(1), false);
    expect_broken(promise::frugal);
}

TEST_F(Witness, SeesThatWhatTheCursorHadPassedIsPublished) {
    commit(1);
    truth.produced(1, 1, id(1), true);

    expect_broken(promise::frugal);
}

TEST_F(Witness, SeesADeadLetterThatIsNotAtFault) {
    commit(1);
    truth.buried(id(1), 1);

    expect_broken(promise::innocent);
}

TEST_F(Witness, SeesADeadLetterThatIsPublishedLater) {
    truth.added(id(1), 0, 1, /*unsendable=*/true);
    truth.committed(id(1));
    truth.produced(1, 1, id(1), false);
    truth.buried(id(1), 1);
    expect_kept();

    truth.produced(2, 2, id(1), false);
    expect_broken(promise::buried);
}

TEST_F(Witness, LetsOthersPassADeadLetterAndARedrivenOneComeLate) {
    commit(3);
    truth.added(id(2), 0, 2, /*unsendable=*/true);
    truth.committed(id(2));
    truth.buried(id(2), 1);
    for (const std::uint64_t i : {1U, 3U}) {
        truth.appended(id(i), 0);
        truth.applied(id(i));
    }
    truth.check_complete();
    expect_kept();

    truth.redriven(id(2));
    EXPECT_EQ(truth.missing_in_log(), 1U);
    truth.appended(id(2), 0);
    truth.applied(id(2));
    truth.check_complete();
    expect_kept();
}

TEST_F(Witness, TellsTheFirstViolationOfEachPromise) {
    commit(3);
    truth.applied(id(3));
    truth.applied(id(2));
    truth.applied(id(3));

    ASSERT_EQ(truth.violations().size(), 2U);
    EXPECT_EQ(truth.violations()[0].broken, promise::ordered);
    EXPECT_EQ(truth.violations()[1].broken, promise::once);
}

}  // namespace
}  // namespace onceward::sim
