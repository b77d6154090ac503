#include "inbox/core/days.hpp"

#include <gtest/gtest.h>

namespace onceward::inbox_core {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr std::chrono::sys_days today{days{20'000}};
constexpr message_id::time_point noon{today.time_since_epoch() + 12h};

kept_days kept(days ahead, std::chrono::sys_days ids_since = {}) {
    return {.last_day = today + ahead, .ids_since = ids_since};
}

TEST(Days, AreJudgedAsFarBackAsTheWindowSays) {
    const auto w = window_at(noon, days{7}, kept(days{7}));

    EXPECT_EQ(w.horizon, noon - days{7});
    EXPECT_EQ(w.last_day, today + days{7});
}

TEST(Days, AreNotJudgedWhereSomeWereDropped) {
    EXPECT_EQ(window_at(noon, days{30}, kept(days{7}, today - days{9})).horizon, today - days{9});
    EXPECT_EQ(window_at(noon, days{7}, kept(days{7}, today - days{9})).horizon, noon - days{7});
}

TEST(Days, LeftAreThoseAfterToday) {
    EXPECT_EQ(days_left(noon, kept(days{7})), 7);
    EXPECT_EQ(days_left(noon, kept(days{0})), 0);
    EXPECT_EQ(days_left(noon, kept(days{-3})), -3);
}

TEST(Days, WithoutTomorrowNothingIsJudged) {
    EXPECT_EQ(why_not_judge(noon, kept(days{1}), 1h), "");
    EXPECT_NE(why_not_judge(noon, kept(days{0}), 1h).find("onceward inbox maintain"),
              std::string::npos);
}

TEST(Days, ThatWereHeardOfADayAgoCountNoMore) {
    EXPECT_EQ(why_not_judge(noon, kept(days{7}), 24h), "");
    EXPECT_NE(why_not_judge(noon, kept(days{7}), 24h + 1ms), "");
}

}  // namespace
}  // namespace onceward::inbox_core
