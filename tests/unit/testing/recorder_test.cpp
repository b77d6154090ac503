#include "onceward/testing/recorder.hpp"

#include <gtest/gtest.h>

namespace onceward::testing {
namespace {

const event placed{
    .topic = "orders", .key = "k", .type = "placed", .payload = "{}", .content_type = {}};

TEST(Recorder, KeepsEventsInOrderWithTheirIds) {
    recorder out;

    const auto first = out.emit(placed);
    const auto second = out.emit(placed);

    ASSERT_EQ(out.events().size(), 2U);
    EXPECT_EQ(out.events()[0].id, first);
    EXPECT_EQ(out.events()[1].id, second);
    EXPECT_EQ(first.version(), 7);
    EXPECT_LT(first, second);
}

TEST(Recorder, KeepsAnIdThatTheEventHas) {
    recorder out;
    auto e = placed;
    e.id = new_message_id();

    EXPECT_EQ(out.emit(e), *e.id);
}

TEST(Recorder, RefusesWhatTheOutboxRefusesAndTakesNothingThen) {
    recorder out;
    auto e = placed;
    e.key = std::string(key_bytes_max + 1, 'k');

    EXPECT_THROW(out.emit(e), limit_exceeded);
    e = placed;
    e.headers = {{"onceward-mine", "x"}};
    EXPECT_THROW(out.emit(e), limit_exceeded);

    EXPECT_TRUE(out.events().empty());
}

TEST(Recorder, BeginsAnewWhenCleared) {
    recorder out;
    out.emit(placed);

    out.clear();

    EXPECT_TRUE(out.events().empty());
}

}  // namespace
}  // namespace onceward::testing
