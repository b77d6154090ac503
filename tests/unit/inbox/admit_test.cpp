#include "inbox/core/admit.hpp"

#include <gtest/gtest.h>

namespace onceward::inbox_core {
namespace {

using namespace std::chrono_literals;

const message_id::time_point now{std::chrono::sys_days{std::chrono::year{2026} / 9 / 15} + 12h};
const id_window window{now - std::chrono::days{7},
                       std::chrono::floor<std::chrono::days>(now) + std::chrono::days{7}};

/// A UUIDv7 of that time, told from others of its millisecond by `n`.
message_id id_at(message_id::time_point t, std::uint8_t n) {
    message_id::bytes raw{};
    const auto ms = static_cast<std::uint64_t>(t.time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    raw[6] = 0x70;
    raw[8] = 0x80;
    raw[15] = n;
    return message_id{raw};
}

identity message_of(const message_id& id, std::int64_t offset, std::int64_t hash = 1) {
    return {offset, id.to_string(), hash};
}

TEST(Admission, AppliesANewIdInTheWindow) {
    const auto id = id_at(now, 1);
    const std::vector batch{message_of(id, 10)};
    batch_admission a(batch, window, 10);
    EXPECT_EQ(a.to_insert(), std::vector<std::size_t>{0});

    a.inserted(std::vector{id});

    EXPECT_TRUE(a.to_look_up().empty());
    EXPECT_EQ(a.of(0).what, admission::apply);
}

TEST(Admission, AppliesANewIdBelowThePosition) {
    const auto id = id_at(now, 1);
    batch_admission a(std::vector{message_of(id, 3)}, window, 10);

    a.inserted(std::vector{id});

    EXPECT_EQ(a.of(0).what, admission::apply);
}

TEST(Admission, RefusesAKnownIdAsADuplicate) {
    const auto id = id_at(now, 1);
    batch_admission a(std::vector{message_of(id, 10)}, window, 10);
    a.inserted({});
    EXPECT_EQ(a.to_look_up(), std::vector{id});

    a.known(id, 1);

    EXPECT_EQ(a.of(0).what, admission::duplicate);
}

TEST(Admission, QuarantinesAKnownIdWithAnotherPayload) {
    const auto id = id_at(now, 1);
    batch_admission a(std::vector{message_of(id, 10, 2)}, window, 10);
    a.inserted({});
    a.known(id, 1);

    EXPECT_EQ(a.of(0).what, admission::quarantine);
    EXPECT_NE(a.of(0).reason.find("another payload"), std::string::npos);
}

TEST(Admission, AppliesTheFirstOfTwoInOneBatchOnly) {
    const auto id = id_at(now, 1);
    batch_admission a(std::vector{message_of(id, 10), message_of(id, 11), message_of(id, 12, 9)},
                      window, 10);
    EXPECT_EQ(a.to_insert(), std::vector<std::size_t>{0});

    a.inserted(std::vector{id});

    EXPECT_EQ(a.of(0).what, admission::apply);
    EXPECT_EQ(a.of(1).what, admission::duplicate);
    EXPECT_EQ(a.of(2).what, admission::quarantine);
}

TEST(Admission, AsksForIdsInAscendingOrder) {
    const std::vector batch{message_of(id_at(now, 3), 10), message_of(id_at(now, 1), 11),
                            message_of(id_at(now, 2), 12)};

    const batch_admission a(batch, window, 10);

    EXPECT_EQ(a.to_insert(), (std::vector<std::size_t>{1, 2, 0}));
}

TEST(Admission, NeverInsertsAnIdOlderThanTheWindow) {
    const auto old = id_at(window.horizon - 1ms, 1);
    const batch_admission a(std::vector{message_of(old, 10)}, window, 10);

    EXPECT_TRUE(a.to_insert().empty());
    EXPECT_EQ(a.to_look_up(), std::vector{old});
}

TEST(Admission, QuarantinesAnOldUnknownIdAtANewOffset) {
    batch_admission a(std::vector{message_of(id_at(window.horizon - 1ms, 1), 10)}, window, 10);

    EXPECT_EQ(a.of(0).what, admission::quarantine);
    EXPECT_NE(a.of(0).reason.find("older than the window"), std::string::npos);
}

TEST(Admission, SkipsAnOldUnknownIdBelowThePosition) {
    const batch_admission a(std::vector{message_of(id_at(window.horizon - 1ms, 1), 9)}, window, 10);

    EXPECT_EQ(a.of(0).what, admission::old_replay);
}

TEST(Admission, RefusesAnOldKnownIdAsADuplicate) {
    const auto old = id_at(window.horizon - 1ms, 1);
    batch_admission a(std::vector{message_of(old, 10)}, window, 10);
    a.known(old, 1);

    EXPECT_EQ(a.of(0).what, admission::duplicate);
}

TEST(Admission, TakesAnIdOfTheHorizonItself) {
    const batch_admission a(std::vector{message_of(id_at(window.horizon, 1), 10)}, window, 10);

    EXPECT_EQ(a.to_insert().size(), 1U);
}

TEST(Admission, QuarantinesADayThatHasNoPlaceYet) {
    const message_id::time_point last_moment{window.last_day + std::chrono::days{1} - 1ms};
    const batch_admission inside(std::vector{message_of(id_at(last_moment, 1), 10)}, window, 10);
    const batch_admission ahead(std::vector{message_of(id_at(last_moment + 1ms, 1), 10)}, window,
                                10);

    EXPECT_EQ(inside.to_insert().size(), 1U);
    EXPECT_TRUE(ahead.to_insert().empty());
    EXPECT_TRUE(ahead.to_look_up().empty());
    EXPECT_EQ(ahead.of(0).what, admission::quarantine);
}

TEST(Admission, QuarantinesWhatHasNoUsableId) {
    const std::vector<identity> batch{
        {10, std::nullopt, 1},
        {11, "not a uuid", 1},
        {12, "2f1acc6b-7d4c-4a0f-9d6f-0a8b8b6a4a11", 1},  // version 4
        {13, std::string("\xff\0", 2), 1},
    };
    const batch_admission a(batch, window, 10);

    EXPECT_TRUE(a.to_insert().empty());
    EXPECT_TRUE(a.to_look_up().empty());
    for (std::size_t i = 0; i < batch.size(); ++i)
        EXPECT_EQ(a.of(i).what, admission::quarantine) << i;
    EXPECT_NE(a.of(0).reason.find("no header"), std::string::npos);
    EXPECT_NE(a.of(1).reason.find("not a UUID"), std::string::npos);
    EXPECT_NE(a.of(2).reason.find("version 7"), std::string::npos);
}

TEST(Admission, SurvivesTheLatestTimeThatAUuidCanHold) {
    const message_id::time_point last{std::chrono::milliseconds{(std::int64_t{1} << 48) - 1}};
    const batch_admission a(std::vector{message_of(id_at(last, 1), 10)}, window, 10);

    EXPECT_EQ(a.of(0).what, admission::quarantine);
}

}  // namespace
}  // namespace onceward::inbox_core
