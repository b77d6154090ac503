#include <functional>

#include <gtest/gtest.h>

#include "onceward/inbox.hpp"

namespace onceward {
namespace {

inbox_options usable() {
    return {.consumer = "billing", .brokers = "localhost:9092"};
}

std::string refusal_of(const std::function<void(inbox_options&)>& change) {
    auto o = usable();
    change(o);
    try {
        const inbox i(o);
        return "";
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
}

TEST(InboxOptions, AcceptTheirDefaults) {
    EXPECT_NO_THROW(inbox{usable()});
}

TEST(InboxOptions, OutOfRangeNamesTheOptionAndTheRange) {
    using namespace std::chrono_literals;
    EXPECT_EQ(refusal_of([](auto& o) { o.batch_max = 0; }),
              "inbox_options.batch_max is 0, it must be 1 to 10000 messages");
    EXPECT_NE(refusal_of([](auto& o) { o.workers = 65; }).find("1 to 64"), std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.dead_letters_max = 0; }).find("1 to 1000000"),
              std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.window_days = 0; }).find("window_days"),
              std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.retry_max = 10ms; }).find("retry_max"), std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.session_timeout = 10ms; }).find("session_timeout"),
              std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.stop_timeout = 0ms; }).find("stop_timeout"),
              std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.statement_timeout = 0ms; }).find("statement_timeout"),
              std::string::npos);
}

TEST(InboxOptions, MissingOrMalformedNamesTheOption) {
    EXPECT_NE(refusal_of([](auto& o) { o.consumer = ""; }).find("consumer"), std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.consumer = "a b"; }).find("consumer"), std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.brokers = ""; }).find("brokers"), std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.schema = "Robert'); --"; }).find("schema"),
              std::string::npos);
    EXPECT_NE(refusal_of([](auto& o) { o.database = "postgresql://["; }).find("database"),
              std::string::npos);
}

TEST(InboxOptions, KafkaPropertiesThatGuaranteesRestOnCannotBeChanged) {
    EXPECT_NE(refusal_of([](auto& o) { o.kafka["enable.auto.commit"] = "true"; }), "");
    EXPECT_NE(refusal_of([](auto& o) { o.kafka["auto.offset.reset"] = "latest"; }), "");
    EXPECT_NE(refusal_of([](auto& o) { o.kafka["no.such.property"] = "1"; }), "");
    EXPECT_EQ(refusal_of([](auto& o) { o.kafka["fetch.wait.max.ms"] = "10"; }), "");
}

TEST(InboxOptions, RunWithoutAHandlerIsAnError) {
    inbox i(usable());
    EXPECT_THROW(i.run({}), std::runtime_error);
}

TEST(Message, ReadsTheLastOfRepeatedHeaders) {
    message m;
    m.headers = {{"a", "1"}, {"b", "2"}, {"a", "3"}};

    ASSERT_NE(m.header_value("a"), nullptr);
    EXPECT_EQ(*m.header_value("a"), "3");
    EXPECT_EQ(m.header_value("c"), nullptr);
}

}  // namespace
}  // namespace onceward
