#include "core/idempotency_key.hpp"

#include <gtest/gtest.h>

namespace onceward {
namespace {

TEST(IdempotencyKey, IsAStringInQuotesOrTheSameWithout) {
    EXPECT_EQ(parse_idempotency_key("\"8e03978e-40d5\""), "8e03978e-40d5");
    EXPECT_EQ(parse_idempotency_key("8e03978e-40d5"), "8e03978e-40d5");
    EXPECT_EQ(parse_idempotency_key(" \t\"a b\" "), "a b");
    EXPECT_EQ(parse_idempotency_key(R"("quote \" backslash \\")"), R"(quote " backslash \)");
    EXPECT_EQ(parse_idempotency_key("\"a\"; version=1"), "a");
    EXPECT_EQ(parse_idempotency_key("\"" + std::string(255, 'k') + "\""), std::string(255, 'k'));
}

TEST(IdempotencyKey, IsNothingElse) {
    for (const std::string bad :
         {"", " ", "\"\"", "\"", "\"open", "\"a\"b", "\"a\\n\"", "\"a\\", "a b", "a,b",
          "\"a\",\"b\"", "\"\x7f\"", "\"\xc3\xa4\"", "a\"b\""})
        EXPECT_EQ(parse_idempotency_key(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_idempotency_key(std::string(256, 'k')), std::nullopt);
}

TEST(IdempotencyScope, IsShortAndDifferentForEachEndpointAndCaller) {
    EXPECT_EQ(idempotency_scope("POST /orders", "tenant-7"), "POST /orders|tenant-7");
    EXPECT_EQ(idempotency_scope("POST /orders", ""), "POST /orders|");
    const auto hashed = idempotency_scope(std::string(100, 'e'), std::string(5000, 'x'));
    EXPECT_LE(hashed.size(), 255U);
    EXPECT_NE(hashed, idempotency_scope(std::string(100, 'e'), std::string(5001, 'x')));
    EXPECT_NE(idempotency_scope("e", "a|b").find("|sha256="), std::string::npos);
    EXPECT_NE(idempotency_scope("e", "\xff"), idempotency_scope("e", "\xfe"));
}

TEST(RequestFingerprint, TellsWhereOnePartEndsAndTheNextBegins) {
    EXPECT_EQ(fingerprint_of_parts({"POST", "/a", "b"}), fingerprint_of_parts({"POST", "/a", "b"}));
    EXPECT_NE(fingerprint_of_parts({"POST", "/ab", ""}), fingerprint_of_parts({"POST", "/a", "b"}));
    EXPECT_NE(fingerprint_of_parts({"a"}), fingerprint_of_parts({"a", ""}));
    EXPECT_EQ(fingerprint_of_parts({}).size(), 32U);
}

TEST(StoredResponse, ComesBackAsItWas) {
    const stored_response r{.status = 201,
                            .headers = {{"Location", "/a"}, {"X", ""}, {"X", "two\nlines"}},
                            .body = std::string("\0\n12\n\xff", 7)};
    EXPECT_EQ(decode_response(encode_response(r)), r);
    EXPECT_EQ(decode_response(encode_response({})), stored_response{});
}

TEST(StoredResponse, IsNotReadFromAnythingElse) {
    const auto good = encode_response({.status = 200, .headers = {{"A", "b"}}, .body = "body"});
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_response(good.substr(0, size))) << size;
    EXPECT_FALSE(decode_response(good + "x"));
    EXPECT_FALSE(decode_response("onceward-response-1\n200\n99999999999999999999\n"));
    EXPECT_FALSE(decode_response("onceward-response-1\n20\n0\n0\n"));
}

TEST(Settles, WhateverIsNotAnInvitationToTryAgain) {
    for (const int status : {200, 201, 204, 302, 400, 404, 409, 422}) EXPECT_TRUE(settles(status));
    for (const int status : {408, 425, 429, 500, 502, 503, 504}) EXPECT_FALSE(settles(status));
}

}  // namespace
}  // namespace onceward
