#include <chrono>

#include <gtest/gtest.h>

#include "onceward/testing/handler_harness.hpp"

namespace onceward::testing {
namespace {

using namespace std::chrono_literals;

message placed(const std::string& payload = "1") {
    return {.topic = "orders",
            .id = new_message_id(),
            .key = "k",
            .type = "placed",
            .payload = payload};
}

/// A harness without a database, whose one handler is `h`.
class harness : public handler_harness {
public:
    explicit harness(handler h) { on("orders", "placed", std::move(h)); }
};

void nothing(handler_context&, const message&) {}

event shipped(const std::string& type = "shipped") {
    return {.topic = "shipped", .key = "k", .type = type, .payload = "{}", .content_type = {}};
}

message_id id_from(std::chrono::hours ago) {
    auto raw = new_message_id().raw();
    const auto ms =
        static_cast<std::uint64_t>((new_message_id().time() - ago).time_since_epoch().count());
    for (std::size_t i = 0; i < 6; ++i) raw[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    return message_id{raw};
}

TEST(HandlerHarness, HandsAMessageOverAsItComesFromKafka) {
    message seen;
    harness inbox([&](handler_context&, const message& m) { seen = m; });

    EXPECT_EQ(inbox.deliver({.topic = "orders", .type = "placed", .payload = "1"}).what,
              outcome::applied);

    EXPECT_EQ(seen.id.version(), 7);
    EXPECT_EQ(*seen.header_value("id"), seen.id.to_string());
    EXPECT_EQ(*seen.header_value("type"), "placed");
    EXPECT_NE(seen.created_at.time_since_epoch().count(), 0);
    EXPECT_EQ(seen.attempt, 1);
}

TEST(HandlerHarness, RefusesADuplicateWithoutCallingTheHandler) {
    int calls = 0;
    harness inbox([&](handler_context&, const message&) { ++calls; });
    const auto m = placed();

    EXPECT_EQ(inbox.deliver(m).what, outcome::applied);
    EXPECT_EQ(inbox.deliver(m).what, outcome::duplicate);

    EXPECT_EQ(calls, 1);
}

TEST(HandlerHarness, QuarantinesWhatNobodyCanJudge) {
    harness inbox(nothing);
    const auto m = placed();
    auto other = m;
    other.payload = "another";
    auto old = placed();
    old.id = id_from(8 * 24h);

    EXPECT_EQ(inbox.deliver(m).what, outcome::applied);
    EXPECT_EQ(inbox.deliver(other).what, outcome::quarantined);
    const auto d = inbox.deliver(old);

    EXPECT_EQ(d.what, outcome::quarantined);
    EXPECT_NE(d.reason.find("older than the window"), std::string::npos);
}

TEST(HandlerHarness, ShowsWhatIsEmittedAsTheInboxAddsIt) {
    harness inbox([](handler_context& c, const message&) {
        c.emit(shipped());
        auto billed = shipped("billed");
        billed.correlation_id = "mine";
        c.emit(billed);
    });
    auto m = placed();
    m.headers = {{"onceward-correlation-id", "conversation"}};

    const auto d = inbox.deliver(m);

    ASSERT_EQ(d.emitted.size(), 2U);
    EXPECT_TRUE(d.emitted[0].id);
    EXPECT_EQ(d.emitted[0].correlation_id, "conversation");
    EXPECT_EQ(d.emitted[0].causation_id, m.id.to_string());
    EXPECT_EQ(d.emitted[1].correlation_id, "mine");
}

TEST(HandlerHarness, JudgesWhatAHandlerThrowsAsTheInboxDoes) {
    const auto of = [](auto thrown) {
        harness inbox([thrown](handler_context& c, const message&) {
            c.emit(shipped());
            throw thrown;
        });
        const auto d = inbox.deliver(placed());
        EXPECT_TRUE(d.emitted.empty());
        return d;
    };

    EXPECT_EQ(of(transient_error("not now")).what, outcome::retried);
    EXPECT_EQ(of(permanent_error("never")).what, outcome::refused);
    EXPECT_EQ(of(std::runtime_error("a bug")).what, outcome::refused);
    EXPECT_EQ(of(pqxx::sql_error("no right", "SELECT", "42501")).what, outcome::stopped);
    const auto unique = of(pqxx::unique_violation("twice", "INSERT", "23505"));
    EXPECT_EQ(unique.what, outcome::refused);
    EXPECT_EQ(unique.sqlstate, "23505");
    EXPECT_NE(unique.reason.find("twice"), std::string::npos);
}

TEST(HandlerHarness, CountsTheTriesOfAMessageThatHasToWait) {
    std::vector<int> attempts;
    harness inbox([&](handler_context&, const message& m) {
        attempts.push_back(m.attempt);
        if (m.attempt < 3) throw transient_error("not now");
    });
    const auto m = placed();

    EXPECT_EQ(inbox.deliver(m).what, outcome::retried);
    EXPECT_EQ(inbox.deliver(m).what, outcome::retried);
    EXPECT_EQ(inbox.deliver(m).what, outcome::applied);

    EXPECT_EQ(attempts, (std::vector{1, 2, 3}));
}

TEST(HandlerHarness, ChecksTheLimitsOfWhatIsEmitted) {
    harness inbox([](handler_context& c, const message&) {
        auto e = shipped();
        e.topic = "no topic!";
        c.emit(e);
    });

    const auto d = inbox.deliver(placed());

    EXPECT_EQ(d.what, outcome::refused);
    EXPECT_NE(d.reason.find("topic"), std::string::npos);
}

TEST(HandlerHarness, AppliesWhatNoHandlerTakes) {
    harness inbox(nothing);
    auto m = placed();
    m.type = "of no interest";

    const auto d = inbox.deliver(m);

    EXPECT_EQ(d.what, outcome::applied);
    EXPECT_FALSE(d.handled);
}

TEST(HandlerHarness, SaysThatItHasNoDatabase) {
    harness inbox([](handler_context& c, const message&) { c.tx(); });

    EXPECT_THROW(inbox.deliver(placed()), harness_misused);
    EXPECT_THROW(inbox.tx(), harness_misused);
}

}  // namespace
}  // namespace onceward::testing
