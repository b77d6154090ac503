// The sizes are those that Kafka's message format asks for; that a broker counts alike is for
// tests/kafka to show.

#include "relay/core/message_size.hpp"

#include <gtest/gtest.h>

namespace onceward::relay_core {
namespace {

TEST(MessageSize, IsABatchHeaderAndOneRecord) {
    EXPECT_EQ(batch_of_one(1, 1).bytes(), 61U + 1 + 8);
    EXPECT_EQ(batch_of_one(1, 100).bytes(), 61U + 2 + 108);
}

TEST(MessageSize, CountsAByteForWhatIsNull) {
    EXPECT_EQ(batch_of_one(std::nullopt, std::nullopt).bytes(), 61U + 1 + 6);
    EXPECT_EQ(batch_of_one(0, 0).bytes(), batch_of_one(std::nullopt, std::nullopt).bytes());
}

TEST(MessageSize, CountsLengthsAsZigzagVarints) {
    const auto payload = [](std::size_t n) {
        return batch_of_one(std::nullopt, n).bytes() - n - 61 - 5;
    };
    EXPECT_EQ(payload(63) - payload(0), 1U);   // the record's own length has passed 63
    EXPECT_EQ(payload(64) - payload(63), 1U);  // and now the payload's
    EXPECT_EQ(payload(8'191) - payload(64), 1U);
    EXPECT_EQ(payload(8'192) - payload(8'191), 1U);
}

TEST(MessageSize, CountsHeadersNamesAndValues) {
    batch_of_one with(1, 1);
    with.add_header(2, 36);
    EXPECT_EQ(with.bytes(), batch_of_one(1, 1).bytes() + 1 + 2 + 1 + 36);
}

captured_event event_with(std::string_view payload, std::string_view headers) {
    captured_event e;
    e.topic = "orders";
    e.type = "placed";
    e.key = "k";
    e.payload = payload;
    e.headers = headers;
    return e;
}

TEST(MessageSize, IsNeverMoreThanItsCheapBound) {
    const std::string payload(10'000, 'x'), value(200, 'v');
    const auto e = event_with(payload, R"([["h",")" + value + R"("]])");
    batch_of_one exact(1, payload.size());
    exact.add_header(1, value.size());
    for (const auto& [name, size] : {std::pair{2, 36}, {4, 6}, {14, 5}, {12, 19}})
        exact.add_header(static_cast<std::size_t>(name), static_cast<std::size_t>(size));

    EXPECT_LE(exact.bytes(), bytes_at_most(e));
}

TEST(MessageSize, RefusesWithBothNumbersAndWhatToRaise) {
    const auto of_topic = too_large(event_with("", "[]"), 6'000, 5'000, size_limit::topic);
    EXPECT_EQ(of_topic.next, verdict::rejected);
    EXPECT_EQ(of_topic.origin, "size:topic");
    for (const char* part : {"6000", "5000", "topic orders", "max.message.bytes"})
        EXPECT_NE(of_topic.message.find(part), std::string::npos) << of_topic.message;

    const auto ours = too_large(event_with("", "[]"), 6'000, 5'000, size_limit::producer);
    EXPECT_NE(ours.message.find("message.max.bytes of the relay's producer"), std::string::npos);
}

}  // namespace
}  // namespace onceward::relay_core
