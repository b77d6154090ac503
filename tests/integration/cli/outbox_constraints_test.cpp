// The limits of an event hold for every writer, in whatever language: here a plain INSERT.

#include <string>

#include <gtest/gtest.h>

#include "pg/connection.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

/// Tries single events as an application; nothing stays.
class OutboxConstraints : public testing::Test {
protected:
    struct event_columns {
        std::string id = "onceward.uuid7()";
        std::string topic = "'orders'";
        std::string key = "'k'";
        std::string type = "'placed'";
        std::string payload = "'{}'";
        std::string content_type = "NULL";
        std::string headers = "NULL";
    };

    /// The name of the constraint that refuses the event; empty when it is accepted.
    std::string refusal(const event_columns& e) {
        const std::string sql =
            "INSERT INTO onceward.outbox (id, topic, key, type, payload, content_type, headers) "
            "VALUES (" +
            e.id + ", " + e.topic + ", " + e.key + ", " + e.type + ", " + e.payload + ", " +
            e.content_type + ", " + e.headers + ")";
        test::value_of(app_, "BEGIN");
        const auto r = app_.exec(sql.c_str());
        test::value_of(app_, "ROLLBACK");
        if (r) return "";
        const std::string& message = r.error().message;
        const auto begin = message.find("constraint \"");
        if (begin == std::string::npos) return message;
        const auto name = begin + std::string("constraint \"").size();
        return message.substr(name, message.find('"', name) - name);
    }

    std::string headers_refusal(const std::string& headers) {
        return refusal({.headers = "'" + headers + "'"});
    }

    static std::string repeated(const std::string& text, int times) {
        return "repeat('" + text + "', " + std::to_string(times) + ")";
    }

    /// A UUIDv7 made at a moment given as SQL.
    static std::string id_made(const std::string& moment) {
        return "encode(overlay(uuid_send(onceward.uuid7()) PLACING "
               "substring(int8send(floor(extract(epoch "
               "FROM " +
               moment + ") * 1000)::bigint) FROM 3) FROM 1 FOR 6), 'hex')::uuid";
    }

    std::string database_ = test::migrated_database();
    pg::connection app_ = test::connect_as(database_, "onceward_app");
};

TEST_F(OutboxConstraints, AcceptAnEventAndATombstoneWithoutKey) {
    EXPECT_EQ(refusal({}), "");
    EXPECT_EQ(refusal({.key = "NULL", .payload = "NULL"}), "");
}

TEST_F(OutboxConstraints, KeepTopicsToWhatKafkaAccepts) {
    const std::string name = "outbox_topic_is_a_kafka_topic";

    EXPECT_EQ(refusal({.topic = "'a.B-c_9'"}), "");
    EXPECT_EQ(refusal({.topic = repeated("t", 249)}), "");
    EXPECT_EQ(refusal({.topic = repeated("t", 250)}), name);
    for (const char* bad :
         {"''", "'.'", "'..'", "'a b'", "'a/b'", "'\xc3\xbc'", "E'a\\n'", "E'a\\nb'"}) {
        EXPECT_EQ(refusal({.topic = bad}), name) << bad;
    }
}

TEST_F(OutboxConstraints, LimitTheKey) {
    EXPECT_EQ(refusal({.key = repeated("k", 1024) + "::bytea"}), "");
    EXPECT_EQ(refusal({.key = repeated("k", 1025) + "::bytea"}), "outbox_key_at_most_1024_bytes");
}

TEST_F(OutboxConstraints, LimitThePayload) {
    EXPECT_EQ(refusal({.payload = repeated("p", 900'000) + "::bytea"}), "");
    EXPECT_EQ(refusal({.payload = repeated("p", 900'001) + "::bytea"}),
              "outbox_payload_at_most_900000_bytes");
}

TEST_F(OutboxConstraints, LimitTheTypeInBytes) {
    EXPECT_EQ(refusal({.type = repeated("t", 255)}), "");
    EXPECT_EQ(refusal({.type = repeated("t", 256)}), "outbox_type_1_to_255_bytes");
    EXPECT_EQ(refusal({.type = repeated("\xc3\xbc", 128)}), "outbox_type_1_to_255_bytes");
    EXPECT_EQ(refusal({.type = "''"}), "outbox_type_1_to_255_bytes");
}

TEST_F(OutboxConstraints, LimitTheContentType) {
    EXPECT_EQ(refusal({.content_type = repeated("c", 255)}), "");
    EXPECT_EQ(refusal({.content_type = repeated("c", 256)}),
              "outbox_content_type_at_most_255_bytes");
}

TEST_F(OutboxConstraints, WantAnIdOfVersion7) {
    EXPECT_EQ(refusal({.id = "gen_random_uuid()"}), "outbox_id_is_uuid7");
}

TEST_F(OutboxConstraints, WantAnIdMadeWithinAnHourOfTheDatabasesClock) {
    const std::string name = "outbox_id_time_within_an_hour";

    EXPECT_EQ(refusal({.id = id_made("now() - interval '59 minutes'")}), "");
    EXPECT_EQ(refusal({.id = id_made("now() + interval '59 minutes'")}), "");
    EXPECT_EQ(refusal({.id = id_made("now() - interval '61 minutes'")}), name);
    EXPECT_EQ(refusal({.id = id_made("now() + interval '61 minutes'")}), name);
    EXPECT_EQ(refusal({.id = id_made("now() + interval '2 days'")}), name);
}

TEST_F(OutboxConstraints, AcceptHeadersOfTextAndOfBytes) {
    EXPECT_EQ(headers_refusal(R"([])"), "");
    EXPECT_EQ(headers_refusal(R"([["a", "1"], ["a", "2"], ["b", ""]])"), "");
    EXPECT_EQ(headers_refusal(R"([["bin", {"base64": "AP8="}]])"), "");
    EXPECT_EQ(
        headers_refusal(R"([["onceward-correlation-id", "x"], ["onceward-causation-id", "y"]])"),
        "");
}

TEST_F(OutboxConstraints, RefuseHeadersOfAnotherShape) {
    for (const char* bad :
         {R"({"a": "1"})", R"("a")", R"(null)", R"(["a"])", R"([["a"]])", R"([["a", "1", "2"]])",
          R"([[1, "a"]])", R"([["", "a"]])", R"([["a", 1]])", R"([["a", null]])",
          R"([["a", ["b"]]])", R"([["a", {}]])", R"([["a", {"base64": 1}]])",
          R"([["a", {"base64": "!!!"}]])", R"([["a", {"hex": "00"}]])", R"([{"a": "b"}])"}) {
        EXPECT_EQ(headers_refusal(bad), "outbox_headers_are_name_value_pairs") << bad;
    }
}

TEST_F(OutboxConstraints, RefuseReservedHeaderNames) {
    for (const char* reserved :
         {"id", "type", "content-type", "onceward-shard", "onceward-anything"}) {
        EXPECT_EQ(headers_refusal(std::string(R"([[")") + reserved + R"(", "x"]])"),
                  "outbox_headers_are_name_value_pairs")
            << reserved;
    }
}

TEST_F(OutboxConstraints, LimitTheNumberAndTheSizeOfHeaders) {
    const auto many = [](int n) {
        return "(SELECT jsonb_agg(jsonb_build_array('h', 'v')) FROM generate_series(1, " +
               std::to_string(n) + "))";
    };

    EXPECT_EQ(refusal({.headers = many(68)}), "");
    EXPECT_EQ(refusal({.headers = many(69)}), "outbox_headers_are_name_value_pairs");
    EXPECT_EQ(refusal({.headers = "jsonb_build_array(jsonb_build_array('h', " +
                                  repeated("v", 24'600) + "))"}),
              "outbox_headers_are_name_value_pairs");
}

TEST_F(OutboxConstraints, HoldForTheFunctionToo) {
    const auto state = [&](const std::string& call) {
        return test::sqlstate_of(app_, "SELECT onceward.add(" + call + ")");
    };

    EXPECT_EQ(state("'orders', 'k', 'placed', '{}'::jsonb"), "");
    EXPECT_EQ(state("'no topic', 'k', 'placed', '{}'::jsonb"), "23514");
    EXPECT_EQ(state("'orders', 'k', '', '{}'::jsonb"), "23514");
    EXPECT_EQ(state("'orders', 'k', 'placed', '{}'::jsonb, '[[\"id\", \"x\"]]'"), "23514");
    EXPECT_EQ(state("'orders', 'k', 'placed', '{}'::jsonb, p_id => gen_random_uuid()"), "23514");
}

TEST_F(OutboxConstraints, LetARedrivenEventKeepAnOldId) {
    auto owner = test::connect(database_);

    EXPECT_EQ(test::sqlstate_of(
                  owner, "INSERT INTO onceward.outbox (id, topic, type, late) VALUES (" +
                             id_made("now() - interval '30 days'") + ", 'orders', 'placed', true)"),
              "");
}

}  // namespace
}  // namespace onceward
