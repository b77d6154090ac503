#include "options/suggest.hpp"

#include <gtest/gtest.h>

namespace onceward::options {
namespace {

TEST(Suggestion, CountsLettersToInsertDeleteOrReplace) {
    EXPECT_EQ(distance("", ""), 0U);
    EXPECT_EQ(distance("", "abc"), 3U);
    EXPECT_EQ(distance("kitten", "sitting"), 3U);
    EXPECT_EQ(distance("lease_ttl", "lease-ttl"), 1U);
    EXPECT_EQ(distance("abc", "abc"), 0U);
}

TEST(Suggestion, IsTheNearestName) {
    EXPECT_EQ(nearest("poll-mix", {"lease-ttl", "poll-max", "poll-min"}), "poll-max");
    EXPECT_EQ(nearest("poll-mn", {"poll-max", "poll-min"}), "poll-min");
}

TEST(Suggestion, IsNoneWhereTooMuchDiffers) {
    EXPECT_EQ(nearest("batch", {"lease-ttl", "poll-max"}), "");
    EXPECT_EQ(nearest("x", {}), "");
    EXPECT_EQ(did_you_mean("batch", {"lease-ttl"}), "");
    EXPECT_EQ(did_you_mean("lease", {"leases"}), " (did you mean leases?)");
}

}  // namespace
}  // namespace onceward::options
