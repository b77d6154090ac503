#include "relay/core/snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

snapshot parsed(const char* text) {
    const auto s = snapshot::parse(text);
    EXPECT_TRUE(s) << text;
    return s.value_or(snapshot{});
}

TEST(Snapshot, PrintsWhatItHasParsed) {
    for (const char* text : {"746:746:", "10:20:10,14,15", "3:9:5", "1:18446744073709551615:7"}) {
        EXPECT_EQ(parsed(text).to_string(), text);
    }
}

TEST(Snapshot, RefusesMalformedText) {
    for (const char* text : {
             "",
             ":",
             "::",
             "1",
             "1:2",
             "1:",
             "a:2:",
             "1:b:",
             "1:2:c",
             "2:1:",   // ends before it begins
             "5:9:4",  // in progress, but below xmin
             "5:9:9",  // in progress, but not below xmax
             "5:9:6;7",
             "5:9:6 7",
             "5:9:,6",
             "5:9:6,",
             "5:9:,",
             " 5:9:",
             "5:9: 6",
             "-1:9:",
             "+1:9:",
             "1:18446744073709551616:",  // more than 64 bits
         }) {
        EXPECT_FALSE(snapshot::parse(text)) << text;
    }
}

TEST(Snapshot, SeesWhatHadEnded) {
    const auto s = parsed("10:20:10,14,15");

    for (const std::uint64_t xid : {1U, 9U, 11U, 13U, 16U, 19U}) EXPECT_TRUE(s.sees(xid)) << xid;
}

TEST(Snapshot, DoesNotSeeWhatWasInProgressOrHadNotBegun) {
    const auto s = parsed("10:20:10,14,15");

    for (const std::uint64_t xid : {10U, 14U, 15U, 20U, 21U}) EXPECT_FALSE(s.sees(xid)) << xid;
}

TEST(Snapshot, SortsWhatWasInProgress) {
    const auto s = parsed("10:20:15,10,14");

    EXPECT_THAT(s.in_progress, ElementsAre(10, 14, 15));
    EXPECT_FALSE(s.sees(10));
}

TEST(Latecomers, AreThoseInProgressBeforeAndEndedAfter) {
    EXPECT_THAT(latecomers(parsed("10:20:10,14,15"), parsed("14:30:14,25")), ElementsAre(10, 15));
}

TEST(Latecomers, AreNoneOfThoseThatBeganInBetween) {
    EXPECT_THAT(latecomers(parsed("20:20:"), parsed("25:30:25")), IsEmpty());
}

TEST(Latecomers, AreNoneBetweenEqualSnapshots) {
    const auto s = parsed("10:20:10,14,15");

    EXPECT_THAT(latecomers(s, s), IsEmpty());
}

TEST(WidenedTransactionId, IsTheNearestOne) {
    constexpr std::uint64_t epoch = std::uint64_t{1} << 32;
    EXPECT_EQ(widened(7, 10), 7U);
    EXPECT_EQ(widened(12, 10), 12U);
    EXPECT_EQ(widened(7, 3 * epoch + 10), 3 * epoch + 7);
    EXPECT_EQ(widened(0xffff'ffff, 3 * epoch + 10), 3 * epoch - 1);
    EXPECT_EQ(widened(3, 3 * epoch - 10), 3 * epoch + 3);
    EXPECT_EQ(widened(0xffff'ffff, 10), 0xffff'ffffU) << "before the first there is none";
}

TEST(UnitedSnapshots, SeeWhatOneOfThemSees) {
    const auto a = parsed("10:20:10,14,15");
    const auto b = parsed("12:18:12,15,16");

    const auto u = united(a, b);

    EXPECT_EQ(u.to_string(), "15:20:15");
    EXPECT_EQ(united(b, a), u);
    for (std::uint64_t xid = 1; xid < 25; ++xid)
        EXPECT_EQ(u.sees(xid), a.sees(xid) || b.sees(xid)) << xid;
}

TEST(SnapshotWithEnded, SeesThoseToo) {
    const auto s = parsed("10:20:10,14,15");

    EXPECT_EQ(with_ended(s, {}, 10), s);
    EXPECT_EQ(with_ended(s, {14}, 10)->to_string(), "10:20:10,15");
    EXPECT_EQ(with_ended(s, {10, 14, 15, 20, 21}, 10)->to_string(), "22:22:");
    EXPECT_EQ(with_ended(s, {10, 22, 24}, 10)->to_string(), "14:25:14,15,20,21,23");
}

TEST(SnapshotWithEnded, IsNoneWhenTooManyWouldBeInProgress) {
    EXPECT_TRUE(with_ended(parsed("10:10:"), {20}, 10));
    EXPECT_FALSE(with_ended(parsed("10:10:"), {21}, 10));
    EXPECT_FALSE(with_ended(parsed("10:10:"), {1'000'000'000'000}, 10));
}

}  // namespace
}  // namespace onceward::relay_core
