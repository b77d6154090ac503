#include <gtest/gtest.h>

#include "core/sha256.hpp"
#include "inbox/core/digest.hpp"
#include "inbox/core/resume.hpp"
#include "inbox/core/retry.hpp"

namespace onceward::inbox_core {
namespace {

using ms = std::chrono::milliseconds;

std::string hex(const sha256::digest& d) {
    std::string out;
    for (const auto byte : d) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

TEST(Sha256, AgreesWithTheStandardsExamples) {
    EXPECT_EQ(hex(sha256{}.finish()),
              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256{}.add("abc").finish()),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(
        hex(sha256{}.add("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").finish()),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hex(sha256{}.add(std::string(1'000'000, 'a')).finish()),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotCareHowTheBytesArrive) {
    const std::string all(300, 'x');
    const auto at_once = hex(sha256{}.add(all).finish());
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        sha256 h;
        h.add(all.substr(0, cut)).add({}).add(all.substr(cut));
        EXPECT_EQ(hex(h.finish()), at_once) << cut;
    }
}

TEST(Digest, TellsATombstoneFromAnEmptyPayload) {
    EXPECT_EQ(payload_hash(std::nullopt), 0);
    EXPECT_EQ(payload_hash(std::string{}), static_cast<std::int64_t>(0xe3b0c44298fc1c14ULL));
}

TEST(Digest, SpreadsMessagesWithoutAKeyByTheirId) {
    const auto one = *message_id::parse("01990000-0000-7000-8000-000000000001");
    const auto two = *message_id::parse("01990000-0000-7000-8000-000000000002");

    EXPECT_EQ(bucket_of("t", "k", one), bucket_of("t", "k", two));
    EXPECT_NE(bucket_of("t", std::nullopt, one), bucket_of("t", std::nullopt, two));
}

TEST(Retry, StaysBetweenHalfAStepAndTheStep) {
    retry low(ms{100}, ms{1'000});
    retry high(ms{100}, ms{1'000});
    for (const int step : {100, 200, 400, 800, 1'000, 1'000}) {
        EXPECT_EQ(low.failed(0).count(), step / 2);
        EXPECT_LE(high.failed(0.9999).count(), step);
    }
}

TEST(Retry, StartsAnewAfterASuccess) {
    retry r(ms{100}, ms{1'000});
    r.failed(0);
    r.failed(0);

    r.succeeded();

    EXPECT_EQ(r.failed(0), ms{50});
}

TEST(Resume, AllowsEveryPositionOfTheLog) {
    EXPECT_EQ(why_not_resume(5, {5, 9}), "");
    EXPECT_EQ(why_not_resume(9, {5, 9}), "");
    EXPECT_EQ(why_not_resume(0, {0, 0}), "");
}

TEST(Resume, RefusesWhatHasBeenDeletedOrMadeAnew) {
    EXPECT_NE(why_not_resume(4, {5, 9}).find("deleted"), std::string::npos);
    EXPECT_NE(why_not_resume(10, {5, 9}).find("made anew"), std::string::npos);
}

}  // namespace
}  // namespace onceward::inbox_core
