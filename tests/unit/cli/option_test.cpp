#include "options/option.hpp"

#include <string>

#include <gtest/gtest.h>

namespace onceward::options {
namespace {

using namespace std::chrono_literals;

const option pieces = count("piece-events", "events", {5'000, 100, 100'000}, "Events a read.");
const option ttl = duration("lease-ttl", {10s, 2s, 5min}, "A dead relay is replaced after this.");
const option flight = bytes("in-flight-bytes", {16 << 20, 1 << 20, 256 << 20}, "Unacknowledged.");
const option format = choice("log-format", "auto|text|json", "auto", "How the log is written.");

/// What parse() makes of a value, -1 for a refusal.
std::int64_t number(const option& o, const std::string& value) {
    const auto parsed = parse(o, value);
    return parsed ? *parsed : -1;
}

std::string refusal(const option& o, const std::string& value) {
    const auto parsed = parse(o, value);
    return parsed ? "" : parsed.error().message;
}

TEST(Option, ReadsCounts) {
    EXPECT_EQ(number(pieces, "100"), 100);
    EXPECT_EQ(number(pieces, "100000"), 100'000);
}

TEST(Option, ReadsDurationsInEveryUnit) {
    EXPECT_EQ(number(ttl, "2000ms"), 2'000);
    EXPECT_EQ(number(ttl, "30s"), 30'000);
    EXPECT_EQ(number(ttl, "5m"), 300'000);
    EXPECT_EQ(number(duration("d", {1h, 0s, 24h}, "x"), "2h"), 7'200'000);
}

TEST(Option, ReadsSizesInEveryUnit) {
    EXPECT_EQ(number(flight, "1048576B"), 1 << 20);
    EXPECT_EQ(number(flight, "2048KiB"), 2 << 20);
    EXPECT_EQ(number(flight, "16MiB"), 16 << 20);
    EXPECT_EQ(number(bytes("b", {1, 0, 1LL << 40}, "x"), "2GiB"), 2LL << 30);
}

TEST(Option, RefusesADurationOrSizeWithoutUnit) {
    EXPECT_NE(refusal(ttl, "30").find("has no unit"), std::string::npos);
    EXPECT_NE(refusal(ttl, "30").find("250ms, 30s or 5m"), std::string::npos);
    EXPECT_NE(refusal(flight, "1048576").find("has no unit"), std::string::npos);
}

TEST(Option, RefusesWhatIsNoNumber) {
    for (const char* value : {"", " ", "abc", "1e3", "5 000", "0x10", "--1", "5000x", "1.5"}) {
        EXPECT_EQ(number(pieces, value), -1) << value;
    }
    for (const char* value : {"", "s", "30 s", "30S", "30sec", "1.5s", "1h30m"}) {
        EXPECT_EQ(number(ttl, value), -1) << value;
    }
    for (const char* value : {"", "MiB", "16mib", "16MB", "16M", "0.5MiB"}) {
        EXPECT_EQ(number(flight, value), -1) << value;
    }
}

TEST(Option, RefusesWhatIsOutOfRangeAndSaysTheRange) {
    EXPECT_EQ(refusal(pieces, "99"), "is out of range; allowed: 100 to 100000 events");
    EXPECT_EQ(refusal(pieces, "100001"), "is out of range; allowed: 100 to 100000 events");
    EXPECT_EQ(refusal(pieces, "-5"), "is out of range; allowed: 100 to 100000 events");
    EXPECT_EQ(refusal(ttl, "1999ms"), "is out of range; allowed: 2s to 5m");
    EXPECT_EQ(refusal(ttl, "301s"), "is out of range; allowed: 2s to 5m");
    EXPECT_EQ(refusal(flight, "257MiB"), "is out of range; allowed: 1MiB to 256MiB");
}

TEST(Option, RefusesNumbersThatDoNotFitAnyInteger) {
    EXPECT_NE(refusal(pieces, "99999999999999999999").find("out of range"), std::string::npos);
    EXPECT_NE(refusal(ttl, "9223372036854775807h").find("out of range"), std::string::npos);
    EXPECT_NE(refusal(flight, "9223372036854775807GiB").find("out of range"), std::string::npos);
    EXPECT_NE(refusal(flight, "-9223372036854775807GiB").find("out of range"), std::string::npos);
}

TEST(Option, RefusesAnUnknownChoiceAndSaysTheChoices) {
    EXPECT_EQ(refusal(format, "json"), "");
    EXPECT_EQ(refusal(format, "JSON"), "is none of the choices; allowed: auto, text, json");
    EXPECT_EQ(refusal(format, ""), "is none of the choices; allowed: auto, text, json");
}

TEST(Option, WritesNumbersAsAUserWould) {
    EXPECT_EQ(to_text(kind::duration, 300'000), "5m");
    EXPECT_EQ(to_text(kind::duration, 90'000), "90s");
    EXPECT_EQ(to_text(kind::duration, 1'001), "1001ms");
    EXPECT_EQ(to_text(kind::duration, 0), "0ms");
    EXPECT_EQ(to_text(kind::bytes, 16 << 20), "16MiB");
    EXPECT_EQ(to_text(kind::bytes, 1'000), "1000B");
    EXPECT_EQ(to_text(kind::count, 5'000), "5000");
}

TEST(Option, ReadsBackWhatItWrites) {
    const option any = duration("any", {0ms, 0ms, 1'000h}, "x");
    for (const std::int64_t ms : {0, 1, 999, 1'000, 60'000, 61'000, 3'600'000, 3'600'001}) {
        EXPECT_EQ(number(any, to_text(kind::duration, ms)), ms);
    }
}

TEST(Option, HasOneNameForFlagAndEnvironment) {
    EXPECT_EQ(flag_name(pieces), "--piece-events");
    EXPECT_EQ(environment_name(pieces), "ONCEWARD_PIECE_EVENTS");
}

TEST(Option, DescribesEffectDefaultRangeAndEnvironment) {
    EXPECT_EQ(
        describe(pieces),
        "Events a read. Default 5000; 100 to 100000 events. Environment: ONCEWARD_PIECE_EVENTS.");
}

TEST(OptionTable, IsFlawedWhereADefaultIsOutOfItsOwnRange) {
    EXPECT_EQ(flaw_of({pieces, ttl, flight, format}), "");
    EXPECT_NE(flaw_of({count("few", "events", {1, 2, 3}, "x")}).find("few: its default"),
              std::string::npos);
    EXPECT_NE(flaw_of({choice("which", "a|b", "c", "x")}).find("which: its default"),
              std::string::npos);
}

TEST(OptionTable, IsFlawedWhereANameIsTakenOrMalformed) {
    EXPECT_NE(flaw_of({pieces, pieces}), "");
    EXPECT_NE(flaw_of({text("Upper", "TEXT", "", "x")}), "");
    EXPECT_NE(flaw_of({text("under_score", "TEXT", "", "x")}), "");
    EXPECT_NE(flaw_of({text("-dash", "TEXT", "", "x")}), "");
    EXPECT_NE(flaw_of({text("silent", "TEXT", "", "")}), "");
}

}  // namespace
}  // namespace onceward::options
