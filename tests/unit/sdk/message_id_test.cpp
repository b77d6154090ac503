#include "onceward/message_id.hpp"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

namespace onceward {
namespace {

constexpr auto text = "0190a5c2-7f3e-7abc-8def-0123456789ab";

TEST(MessageId, PrintsWhatItHasParsed) {
    const auto id = message_id::parse(text);

    ASSERT_TRUE(id);
    EXPECT_EQ(id->to_string(), text);
    EXPECT_EQ(id->version(), 7);
}

TEST(MessageId, ParsesEitherCaseAndPrintsLowerCase) {
    const auto id = message_id::parse("0190A5C2-7F3E-7ABC-8DEF-0123456789AB");

    ASSERT_TRUE(id);
    EXPECT_EQ(id->to_string(), text);
}

TEST(MessageId, ParsesTheLeastAndTheGreatest) {
    for (const char* end :
         {"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
        const auto id = message_id::parse(end);

        ASSERT_TRUE(id) << end;
        EXPECT_EQ(id->to_string(), end);
    }
}

TEST(MessageId, RefusesWhatIsNoUuid) {
    for (const char* bad : {
             "",
             "0190a5c2",
             "0190a5c2-7f3e-7abc-8def-0123456789a",    // too short
             "0190a5c2-7f3e-7abc-8def-0123456789abc",  // too long
             "0190a5c27f3e7abc8def0123456789ab",       // no dashes
             "0190a5c27-f3e-7abc-8def-0123456789ab",   // a dash in another place
             "0190a5c2-7f3e-7abc-8def_0123456789ab",   // no dash
             "0190a5c2-7f3e-7abc-8def-0123456789ag",   // no digit
             " 190a5c2-7f3e-7abc-8def-0123456789ab",
             "{190a5c2-7f3e-7abc-8def-0123456789a}",
             "------------------------------------",
         }) {
        EXPECT_FALSE(message_id::parse(bad)) << bad;
    }
}

TEST(MessageId, RefusesBytesAboveAscii) {
    std::string bad = text;
    bad[3] = '\xe9';

    EXPECT_FALSE(message_id::parse(bad));
}

TEST(MessageId, OrdersByItsBytes) {
    EXPECT_LT(*message_id::parse("00000000-0000-7000-8000-000000000001"),
              *message_id::parse("00000000-0001-7000-8000-000000000000"));
    EXPECT_EQ(*message_id::parse(text), *message_id::parse(text));
}

TEST(MessageId, IsAKeyOfHashedContainers) {
    std::unordered_set<message_id> ids{*message_id::parse(text)};

    EXPECT_TRUE(ids.contains(*message_id::parse(text)));
    EXPECT_FALSE(ids.contains(message_id{}));
}

}  // namespace
}  // namespace onceward
