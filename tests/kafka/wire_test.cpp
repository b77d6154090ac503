/// @file
/// What an event looks like in Kafka.

#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "kafka/topic_reader.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

class Wire : public ::testing::Test {
protected:
    std::string brokers_ = shared_kafka();
    std::string topic_ = fresh_topic(brokers_, 6);
    std::string database_ = migrated_database();
    pg::connection app_ = connect_as(database_, "onceward_app");
    pg::connection owner_ = connect(database_);
    running_relay relay_{quick_relay(database_, brokers_)};
    topic_reader reader_{brokers_, topic_};

    std::string add(const std::string& arguments) { return call("add", arguments); }
    std::string add_bytes(const std::string& arguments) { return call("add_bytes", arguments); }

private:
    std::string call(const std::string& function, const std::string& arguments) {
        return value_of(app_,
                        "SELECT onceward." + function + "('" + topic_ + "', " + arguments + ")");
    }
};

}  // namespace

TEST_F(Wire, AnEventWrittenBySqlArrivesWithItsContent) {
    const std::string id = add(R"('order-1', 'placed', '{"n": 1}')");

    const auto& got = reader_.read(1);

    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].key, "order-1");
    EXPECT_EQ(got[0].payload, R"({"n": 1})");
    EXPECT_EQ(got[0].header_value("id"), id);
    EXPECT_EQ(got[0].header_value("type"), "placed");
    EXPECT_EQ(got[0].header_value("content-type"), "application/json");
}

TEST_F(Wire, TheTimestampIsWhenTheEventWasCreated) {
    add(R"('k', 'placed', '{}')");
    const std::string created = value_of(
        owner_, "SELECT floor(extract(epoch FROM created_at) * 1000)::bigint FROM onceward.outbox");

    const auto& got = reader_.read(1);

    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(std::to_string(got[0].timestamp_ms), created);
}

TEST_F(Wire, HeadersKeepTheirOrderTheirRepeatsAndTheirBytes) {
    add(R"('k', 'placed', '{}', '[["a", "1"], ["b", {"base64": "AP8="}], ["a", "2"]]')");

    const auto& got = reader_.read(1);

    ASSERT_EQ(got.size(), 1U);
    std::vector<header> own;
    std::copy_if(got[0].headers.begin(), got[0].headers.end(), std::back_inserter(own),
                 [](const header& h) { return h.name == "a" || h.name == "b"; });
    EXPECT_EQ(own, (std::vector<header>{{"a", "1"}, {"b", std::string("\0\xff", 2)}, {"a", "2"}}));
}

// Goal: a key goes where every other Kafka client would send it.
// Method: the hashes are those of the Java client's own test (Utils.murmur2), and two computed by
// kafka-python; each modulo the topic's 6 partitions.
TEST_F(Wire, AKeyGoesToThePartitionThatTheJavaClientChooses) {
    const std::map<std::string, int> expected{{"21", 0},
                                              {"foobar", 0},
                                              {"a-little-bit-long-string", 2},
                                              {"a-little-bit-longer-string", 5},
                                              {"abc", 3},
                                              {"order-1", 4},
                                              {"\u043a\u043b\u044e\u0447", 2}};
    for (const auto& [key, partition] : expected) add("'" + key + "', 'placed', '{}'");

    std::map<std::string, int> found;
    for (const auto& m : reader_.read(expected.size())) found[m.key.value_or("")] = m.partition;

    EXPECT_EQ(found, expected);
}

TEST_F(Wire, ATombstoneHasNoPayloadAndAnEventWithoutKeyHasNone) {
    add_bytes("'k', 'gone', NULL, NULL");
    add_bytes("NULL, 'seen', 'x', NULL");

    auto got = reader_.read(2);

    ASSERT_EQ(got.size(), 2U);
    const bool tombstone_first = got[0].header_value("type") == "gone";
    const auto& tombstone = got[tombstone_first ? 0 : 1];
    const auto& keyless = got[tombstone_first ? 1 : 0];
    EXPECT_EQ(tombstone.key, "k");
    EXPECT_EQ(tombstone.payload, std::nullopt);
    EXPECT_EQ(keyless.key, std::nullopt);
    EXPECT_EQ(keyless.payload, "x");
}

TEST_F(Wire, AnEventOfTheLargestSizeArrives) {
    add_bytes("'k', 'big', convert_to(repeat('x', 900000), 'UTF8'), NULL");

    const auto& got = reader_.read(1);

    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].payload.value_or("").size(), 900'000U);
}

TEST_F(Wire, AnEventOfARolledBackTransactionDoesNotArrive) {
    value_of(app_, "BEGIN");
    add(R"('k', 'placed', '{"n": 1}')");
    value_of(app_, "ROLLBACK");
    add(R"('k', 'placed', '{"n": 2}')");

    const auto& got = reader_.read(1);

    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].payload, R"({"n": 2})");
    EXPECT_TRUE(reader_.at_end());
}

}  // namespace onceward::test
