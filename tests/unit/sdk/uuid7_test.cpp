#include "core/uuid7.hpp"

#include <cstdint>
#include <set>

#include <gtest/gtest.h>

namespace onceward {
namespace {

constexpr uuid7_random all_zero{};
constexpr uuid7_random all_one{.a = 0xffff, .b = 0xffffffffffffffff};

// The example of RFC 9562, A.6.
TEST(Uuid7, HasTheLayoutOfTheRfc) {
    const auto id = make_uuid7(0x017f22e279b0, {.a = 0xcc3, .b = 0x18c4dc0c0c07398f});

    EXPECT_EQ(id.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid7, HasVersionAndVariantWhateverTheDice) {
    for (const auto& dice : {all_zero, all_one}) {
        const auto id = make_uuid7(0xffffffffffff, dice);

        EXPECT_EQ(id.version(), 7);
        EXPECT_EQ(id.raw()[8] & 0xc0, 0x80);
    }
}

TEST(Uuid7, CarriesItsTime) {
    const auto id = make_uuid7(1'700'000'000'123, all_one);

    EXPECT_EQ(id.time().time_since_epoch().count(), 1'700'000'000'123);
}

TEST(Uuid7Sequence, GrowsWithinAMillisecond) {
    uuid7_sequence sequence;
    auto last = sequence.next(1000, all_one);

    for (int i = 0; i < 10'000; ++i) {
        const auto id = sequence.next(1000, {.a = static_cast<std::uint16_t>(i), .b = 0});
        EXPECT_LT(last, id);
        last = id;
    }
}

TEST(Uuid7Sequence, GrowsWhenTheClockStepsBack) {
    uuid7_sequence sequence;
    const auto before = sequence.next(5000, all_zero);

    const auto after = sequence.next(10, all_zero);

    EXPECT_LT(before, after);
    EXPECT_EQ(after.time(), before.time());
}

TEST(Uuid7Sequence, BorrowsAMillisecondWhenTheCounterRunsOut) {
    uuid7_sequence sequence;
    std::set<message_id> seen;

    for (int i = 0; i < 5'000; ++i) seen.insert(sequence.next(7, all_zero));

    EXPECT_EQ(seen.size(), 5'000U);
    EXPECT_EQ(seen.begin()->time().time_since_epoch().count(), 7);
    EXPECT_EQ(seen.rbegin()->time().time_since_epoch().count(), 8);
}

TEST(Uuid7Sequence, FollowsTheClockAgainOnceItHasCaughtUp) {
    uuid7_sequence sequence;
    for (int i = 0; i < 5'000; ++i) sequence.next(7, all_zero);

    EXPECT_EQ(sequence.next(9, all_zero).time().time_since_epoch().count(), 9);
}

TEST(NewMessageId, GivesGrowingIdsOfVersion7) {
    auto last = new_message_id();

    for (int i = 0; i < 1'000; ++i) {
        const auto id = new_message_id();
        EXPECT_EQ(id.version(), 7);
        EXPECT_LT(last, id);
        last = id;
    }
}

}  // namespace
}  // namespace onceward
