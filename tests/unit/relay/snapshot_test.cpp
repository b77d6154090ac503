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

}  // namespace
}  // namespace onceward::relay_core
