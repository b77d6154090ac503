#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "onceward/event.hpp"

namespace onceward {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

event good_event() {
    event e;
    e.topic = "orders";
    e.key = "order-1";
    e.type = "order.placed";
    e.payload = "{}";
    return e;
}

/// A limit: how to make an event of a size, the largest size, and what the message must name.
struct limit {
    const char* name;
    std::function<void(event&, std::size_t)> make;
    std::size_t max;
    const char* named;
};

std::string letters(std::size_t n) {
    return std::string(n, 'a');
}

const limit limits[] = {
    {"topic", [](event& e, std::size_t n) { e.topic = letters(n); }, 249, "249"},
    {"key", [](event& e, std::size_t n) { e.key = letters(n); }, 1024, "1024"},
    {"type", [](event& e, std::size_t n) { e.type = letters(n); }, 255, "255"},
    {"payload", [](event& e, std::size_t n) { e.payload = letters(n); }, 900'000, "900000"},
    {"content type", [](event& e, std::size_t n) { e.content_type = letters(n); }, 255, "255"},
    {"number of headers",
     [](event& e, std::size_t n) {
         e.headers.assign(n, header{"n", "v"});
     },
     64, "64"},
    {"bytes of headers",
     [](event& e, std::size_t n) {
         e.headers = {header{"name", letters(n - 4)}};
     },
     16'384, "16384"},
    {"bytes of the trace context", [](event& e, std::size_t n) { e.tracestate = letters(n); },
     16'384, "16384"},
    {"bytes of the ids of the conversation",
     [](event& e, std::size_t n) {
         e.correlation_id = letters(n / 2);
         e.causation_id = letters(n - n / 2);
     },
     16'384, "16384"},
};

TEST(EventLimits, LetAPlainEventPass) {
    EXPECT_THAT(broken_limit(good_event()), IsEmpty());
}

TEST(EventLimits, LetPassWhatIsAtALimit) {
    for (const auto& l : limits) {
        auto e = good_event();
        l.make(e, l.max);

        EXPECT_THAT(broken_limit(e), IsEmpty()) << l.name;
    }
}

TEST(EventLimits, RefuseOneMoreAndNameTheLimit) {
    for (const auto& l : limits) {
        auto e = good_event();
        l.make(e, l.max + 1);

        EXPECT_THAT(broken_limit(e), HasSubstr(l.named)) << l.name;
    }
}

TEST(EventLimits, LetPassWhatMayBeAbsent) {
    event e;
    e.topic = "t";
    e.type = "x";

    EXPECT_THAT(broken_limit(e), IsEmpty());
}

TEST(EventLimits, RefuseTopicsThatKafkaRefuses) {
    for (const char* topic : {"", ".", "..", "a b", "a/b", "a\nb", "\xc3\xa9"}) {
        auto e = good_event();
        e.topic = topic;

        EXPECT_THAT(broken_limit(e), HasSubstr("topic")) << topic;
    }
}

TEST(EventLimits, RefuseAnEmptyType) {
    auto e = good_event();
    e.type = "";

    EXPECT_THAT(broken_limit(e), HasSubstr("type is empty"));
}

TEST(EventLimits, RefuseControlCharactersInText) {
    const std::function<void(event&)> spoil[] = {
        [](event& e) { e.type = "a\nb"; },
        [](event& e) { e.content_type = "text/plain\r"; },
        [](event& e) { e.traceparent = "00\t"; },
        [](event& e) { e.tracestate = "\x7f"; },
        [](event& e) { e.correlation_id = std::string("a\0b", 3); },
        [](event& e) { e.causation_id = "\xff"; },
        [](event& e) {
            e.headers = {{"a\nb", ""}};
        },
    };
    for (const auto& s : spoil) {
        auto e = good_event();
        s(e);

        EXPECT_THAT(broken_limit(e), HasSubstr("not printable ASCII"));
    }
}

TEST(EventLimits, TakeAnyBytesAsKeyPayloadAndHeaderValue) {
    auto e = good_event();
    e.key = std::string("\0\xff\n", 3);
    e.payload = std::string("\0\xff", 2);
    e.headers = {{"name", std::string("\0\x80", 2)}};

    EXPECT_THAT(broken_limit(e), IsEmpty());
}

TEST(EventLimits, RefuseReservedHeaderNames) {
    for (const char* name : {"id", "type", "content-type", "traceparent", "tracestate",
                             "onceward-seq", "onceward-anything"}) {
        auto e = good_event();
        e.headers = {{name, "x"}};

        EXPECT_THAT(broken_limit(e), HasSubstr("reserved")) << name;
    }
}

TEST(EventLimits, RefuseAnEmptyHeaderName) {
    auto e = good_event();
    e.headers = {{"", "x"}};

    EXPECT_THAT(broken_limit(e), HasSubstr("header's name is empty"));
}

TEST(EventLimits, RefuseAnIdWithoutATime) {
    auto e = good_event();
    e.id = message_id::parse("0190a5c2-7f3e-4abc-8def-0123456789ab");

    EXPECT_THAT(broken_limit(e), HasSubstr("UUIDv7"));
}

}  // namespace
}  // namespace onceward
