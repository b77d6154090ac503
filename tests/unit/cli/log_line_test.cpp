#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "log/line.hpp"

namespace onceward::log {
namespace {

using std::chrono::milliseconds;
using std::chrono::sys_time;

// 2026-01-02 03:04:05.006 UTC
constexpr sys_time<milliseconds> moment{milliseconds{1'767'323'045'006}};

line with(std::vector<field> fields, std::string message = "lease taken") {
    return {.time = moment,
            .severity = level::info,
            .message = std::move(message),
            .fields = std::move(fields)};
}

nlohmann::json json_of(const line& l) {
    return nlohmann::json::parse(as_json(l));
}

TEST(LogLine, IsReadableAsText) {
    EXPECT_EQ(as_text(with({{"shard", std::int64_t{0}}, {"owner", "relay-1"}, {"first", true}})),
              "03:04:05.006 INFO    lease taken shard=0 owner=relay-1 first=true");
}

TEST(LogLine, QuotesTextThatWouldBeAmbiguous) {
    EXPECT_EQ(
        as_text(with({{"a", "two words"}, {"b", "x=1"}, {"c", ""}, {"d", "say \"hi\""}})),
        "03:04:05.006 INFO    lease taken a=\"two words\" b=\"x=1\" c=\"\" d=\"say \\\"hi\\\"\"");
}

TEST(LogLine, IsOneJsonObjectWithTypedFields) {
    const auto j =
        json_of(with({{"shard", std::int64_t{3}}, {"owner", "relay-1"}, {"first", true}}));

    EXPECT_EQ(j["time"], "2026-01-02T03:04:05.006Z");
    EXPECT_EQ(j["level"], "info");
    EXPECT_EQ(j["message"], "lease taken");
    EXPECT_EQ(j["shard"], 3);
    EXPECT_EQ(j["owner"], "relay-1");
    EXPECT_EQ(j["first"], true);
}

TEST(LogLine, KeepsItsOwnNamesFromFields) {
    const auto j = json_of(with({{"message", "forged"}, {"level", "error"}, {"time", "never"}}));

    EXPECT_EQ(j["message"], "lease taken");
    EXPECT_EQ(j["level"], "info");
    EXPECT_EQ(j["field_message"], "forged");
}

TEST(LogLine, StaysOneLineWhateverIsInIt) {
    const line nasty =
        with({{"name", "a\nb\r\x1b[31m\x7f\xc2\x9b"}}, "first\nsecond\x1b]0;title\x07");

    for (const std::string& written : {as_text(nasty), as_json(nasty)}) {
        for (const char c : written) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << written;
    }
}

TEST(LogLine, KeepsOtherLanguagesReadableInText) {
    EXPECT_NE(as_text(with({}, "Zürich ü 東京")).find("Zürich ü 東京"), std::string::npos);
}

TEST(LogLine, WritesValidJsonForBytesThatAreNotUtf8) {
    EXPECT_EQ(json_of(with({{"name",
                             "a\xff"
                             "b"}}))["name"],
              "a\xef\xbf\xbd"
              "b");
}

}  // namespace
}  // namespace onceward::log
