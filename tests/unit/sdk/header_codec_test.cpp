#include "core/header_codec.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace onceward {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<header> through_the_column(const std::vector<header>& headers) {
    const auto back = decode_headers(encode_headers(headers));
    EXPECT_TRUE(back);
    return back.value_or(std::vector<header>{});
}

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
    return bytes;
}

TEST(HeaderCodec, KeepsOrderAndRepeats) {
    const std::vector<header> headers{{"b", "1"}, {"a", "2"}, {"b", "3"}, {"b", "1"}};

    EXPECT_EQ(through_the_column(headers), headers);
}

TEST(HeaderCodec, KeepsBytesThatAreNoText) {
    for (std::size_t n : {1U, 2U, 3U, 4U, 255U, 256U}) {
        const std::vector<header> headers{{"all", all_bytes().substr(256 - n)}};

        EXPECT_EQ(through_the_column(headers), headers) << n;
    }
}

TEST(HeaderCodec, KeepsNulWhichJsonbCannotHold) {
    const std::vector<header> headers{{"nul", std::string("a\0b", 3)}};

    EXPECT_EQ(encode_headers(headers), R"([["nul",{"base64":"YQBi"}]])");
    EXPECT_EQ(through_the_column(headers), headers);
}

TEST(HeaderCodec, WritesTextAsTextAndInAsciiWhateverTheSessionsEncoding) {
    EXPECT_EQ(encode_headers(std::vector<header>{{"a", "b\"\\"}, {"e", ""}, {"u", "\xc3\xa9"}}),
              R"([["a","b\"\\"],["e",""],["u","\u00e9"]])");
}

TEST(HeaderCodec, KeepsNoHeadersAsNone) {
    EXPECT_EQ(encode_headers({}), "[]");
    EXPECT_THAT(through_the_column({}), IsEmpty());
}

TEST(HeaderCodec, ReadsBase64WithAndWithoutPadding) {
    const std::vector<header> expected{{"n", "a"}};

    EXPECT_EQ(decode_headers(R"([["n",{"base64":"YQ=="}]])"), expected);
    EXPECT_EQ(decode_headers(R"([["n",{"base64":"YQ"}]])"), expected);
}

TEST(HeaderCodec, RefusesWhatDoesNotHaveItsForm) {
    for (const char* bad : {
             "",
             "x",
             "[",
             "null",
             "1",
             "\"a\"",
             R"({"a":"b"})",
             R"(["a"])",
             R"([["a"]])",
             R"([["a","b","c"]])",
             R"([[1,"b"]])",
             R"([["a",1]])",
             R"([["a",null]])",
             R"([["a",{}]])",
             R"([["a",{"base64":1}]])",
             R"([["a",{"base64":"*"}]])",
             R"([["a","b"],["c"]])",
             R"([["a","b"]] x)",
             "[[\"a\",\"\xff\"]]",
         }) {
        EXPECT_FALSE(decode_headers(bad)) << bad;
    }
}

TEST(ColumnHeaders, PutTheCallersOwnBeforeTheConversations) {
    event e;
    e.headers = {{"own", "1"}};
    e.traceparent = "tp";
    e.tracestate = "ts";
    e.correlation_id = "co";
    e.causation_id = "ca";

    EXPECT_THAT(column_headers(e),
                ElementsAre(header{"own", "1"}, header{"traceparent", "tp"},
                            header{"tracestate", "ts"}, header{"onceward-correlation-id", "co"},
                            header{"onceward-causation-id", "ca"}));
}

TEST(ColumnHeaders, LeaveOutWhatIsEmpty) {
    EXPECT_THAT(column_headers(event{}), IsEmpty());
}

}  // namespace
}  // namespace onceward
