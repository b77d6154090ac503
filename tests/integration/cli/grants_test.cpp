// Each role may do exactly what its programs need: the statements that matter, run one by one. The
// whole list of privileges is in grants_table_test.cpp.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::connect_as;
using test::migrated_database;
using test::sqlstate_of;
using test::value_of;

constexpr const char* denied = "42501";

constexpr const char* insert_event =
    "INSERT INTO onceward.outbox (id, topic, key, type, payload, content_type, headers) VALUES "
    "(onceward.uuid7(), 'orders', 'k', 'placed', '{}', 'application/json', '[]')";

/// One migrated database a process: these tests leave nothing in it.
const std::string& database() {
    static const std::string one = migrated_database();
    return one;
}

class granted {
public:
    explicit granted(const std::string& role) : session_(connect_as(database(), role)) {}

    void may(const std::string& sql) { EXPECT_EQ(sqlstate_of(session_, sql), "") << sql; }
    void may_not(const std::string& sql) { EXPECT_EQ(sqlstate_of(session_, sql), denied) << sql; }

    void may_not(const std::vector<std::string>& statements) {
        for (const auto& sql : statements) may_not(sql);
    }

private:
    pg::connection session_;
};

TEST(App, AddsEvents) {
    granted app("onceward_app");

    app.may("SELECT onceward.add('orders', 'k', 'placed', '{\"n\": 1}'::jsonb)");
    app.may("SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb, p_serialize => true)");
    app.may(
        "SELECT onceward.add_bytes('orders', '\\x00ff'::bytea, 'placed', '\\x01'::bytea, 'x/y')");
    app.may(insert_event);
    app.may("INSERT INTO onceward.outbox (topic, type) VALUES ('orders', 'placed')");
}

TEST(App, CannotReadOrChangeTheOutbox) {
    granted("onceward_app")
        .may_not({"SELECT count(*) FROM onceward.outbox", "SELECT 1 FROM onceward.outbox LIMIT 1",
                  fmt::format("{} RETURNING seq", insert_event), "DELETE FROM onceward.outbox",
                  "UPDATE onceward.outbox SET type = 'x'", "TRUNCATE onceward.outbox",
                  "TRUNCATE onceward.outbox_0",
                  "INSERT INTO onceward.outbox_0 (topic, type) VALUES ('a', 'b')",
                  "LOCK TABLE onceward.outbox IN ACCESS EXCLUSIVE MODE"});
}

TEST(App, CannotChooseWhatDecidesOrderAndVisibility) {
    granted app("onceward_app");

    const auto set = [](const std::string& column, const std::string& value) {
        return "INSERT INTO onceward.outbox (topic, type, " + column + ") VALUES ('a', 'b', " +
               value + ")";
    };
    app.may_not({set("xid", "'1'"), set("seq", "1"), set("slot", "0"), set("created_at", "now()"),
                 set("late", "true")});
}

TEST(App, CannotChooseTheBucket) {
    auto app = connect_as(database(), "onceward_app");

    // Nobody can: it is generated.
    EXPECT_EQ(
        sqlstate_of(app, "INSERT INTO onceward.outbox (topic, type, bucket) VALUES ('a', 'b', 1)"),
        "428C9");
}

TEST(App, CannotTouchWhatBelongsToRelayInboxAndMigrations) {
    granted("onceward_app")
        .may_not({"SELECT * FROM onceward.relay_cursor",
                  "UPDATE onceward.relay_cursor SET lo = '1:1:'",
                  "SELECT * FROM onceward.relay_life", "SELECT * FROM onceward.topic_pin",
                  "SELECT * FROM onceward.outbox_dead", "SELECT * FROM onceward.inbox",
                  "INSERT INTO onceward.inbox_progress VALUES (now(), 'c', 't', 0, 1, 1)",
                  "SELECT * FROM onceward.inbox_position",
                  "SELECT onceward.inbox_make_days(current_date, current_date)",
                  "SELECT setval('onceward.outbox_seq', 1)",
                  "SELECT last_value FROM onceward.outbox_seq",
                  "DELETE FROM onceward.schema_version", "CREATE TABLE onceward.mine (n int)",
                  "UPDATE onceward.outbox_ring SET slot_seconds = 1",
                  "ALTER TABLE onceward.outbox ADD COLUMN mine int"});
}

TEST(Relay, ReadsTheOutboxAndKeepsItsCursor) {
    granted relay("onceward_relay");

    relay.may("SELECT * FROM onceward.outbox");
    relay.may("UPDATE onceward.relay_cursor SET epoch = epoch + 1");
    relay.may("SELECT * FROM onceward.relay_cursor FOR UPDATE");
    relay.may("INSERT INTO onceward.relay_pause (shard, reason) VALUES (0, 'topic moves')");
    relay.may("DELETE FROM onceward.relay_pause");
    relay.may(
        "INSERT INTO onceward.relay_life VALUES (0, gen_random_uuid()) ON CONFLICT (shard) DO "
        "UPDATE "
        "SET lease_id = EXCLUDED.lease_id");
    relay.may(
        "INSERT INTO onceward.topic_pin (topic, partitions) VALUES ('t', 4) ON CONFLICT DO "
        "NOTHING");
    relay.may(
        "INSERT INTO onceward.outbox_dead (id, shard, xid, seq, topic, type, created_at, reason) "
        "VALUES (gen_random_uuid(), 0, '1', 1, 't', 'x', now(), 'r')");
}

TEST(Relay, CannotWriteTheOutbox) {
    granted("onceward_relay")
        .may_not({insert_event, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)",
                  "UPDATE onceward.outbox SET type = 'x'", "DELETE FROM onceward.outbox",
                  "TRUNCATE onceward.outbox", "SELECT nextval('onceward.outbox_seq')"});
}

TEST(Relay, CannotLoseACursorOrForgetWhatItKnew) {
    granted("onceward_relay")
        .may_not({"DELETE FROM onceward.relay_cursor", "TRUNCATE onceward.relay_cursor",
                  "INSERT INTO onceward.relay_cursor (shard, bucket_from, bucket_to, lo) "
                  "VALUES (1, 0, 0, '1:1:')",
                  "DELETE FROM onceward.topic_pin", "UPDATE onceward.topic_pin SET partitions = 1",
                  "DELETE FROM onceward.outbox_dead", "DELETE FROM onceward.relay_life"});
}

TEST(Relay, CannotSeeTheInbox) {
    granted("onceward_relay")
        .may_not({"SELECT * FROM onceward.inbox", "SELECT * FROM onceward.inbox_position",
                  "SELECT * FROM onceward.inbox_progress", "SELECT * FROM onceward.inbox_dead",
                  "SELECT onceward.inbox_make_days(current_date, current_date)"});
}

TEST(Inbox, RemembersIdsPositionsAndWhatItKeepsAside) {
    granted inbox("onceward_inbox");

    inbox.may(
        "INSERT INTO onceward.inbox (consumer, day, id, bucket, payload_hash) "
        "VALUES ('c', (now() AT TIME ZONE 'UTC')::date, gen_random_uuid(), 1, 1)");
    inbox.may("SELECT * FROM onceward.inbox");
    inbox.may(
        "INSERT INTO onceward.inbox_position (consumer, topic, partition, next_off) "
        "VALUES ('c', 't', 0, 1)");
    inbox.may("UPDATE onceward.inbox_position SET epoch = epoch + 1");
    inbox.may("SELECT * FROM onceward.inbox_position FOR UPDATE");
    inbox.may(
        "INSERT INTO onceward.inbox_progress (consumer, topic, partition, next_off, epoch) "
        "VALUES ('c', 't', 0, 1, 1)");
    inbox.may(
        "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, reason) "
        "VALUES ('c', 't', 0, 1, 'r')");
    inbox.may("UPDATE onceward.inbox_dead SET state = 'redriven', payload = NULL");
    inbox.may("SELECT onceward.inbox_make_days(current_date + 8, current_date + 9)");
    inbox.may("SELECT onceward.inbox_keep_days('c', 7)");
    inbox.may("SELECT onceward.inbox_drop_day('inbox')");
}

TEST(Inbox, CannotForgetOrRewriteWhatTookEffect) {
    granted("onceward_inbox")
        .may_not({"DELETE FROM onceward.inbox", "UPDATE onceward.inbox SET payload_hash = 1",
                  "TRUNCATE onceward.inbox", "DELETE FROM onceward.inbox_progress",
                  "UPDATE onceward.inbox_progress SET next_off = 1",
                  "DELETE FROM onceward.inbox_position", "DELETE FROM onceward.inbox_dead",
                  "UPDATE onceward.inbox_dead SET id = 'x'",
                  "UPDATE onceward.inbox_consumer SET window_days = 1",
                  "SELECT onceward.inbox_days_to_drop()"});
}

TEST(Inbox, CannotSeeOrWriteTheOutbox) {
    granted("onceward_inbox")
        .may_not({insert_event, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)",
                  "SELECT * FROM onceward.outbox", "SELECT * FROM onceward.relay_cursor"});
}

TEST(Monitor, SeesHowFarEverythingIs) {
    granted monitor("onceward_monitor");

    monitor.may("SELECT * FROM onceward.relay_cursor");
    monitor.may("SELECT * FROM onceward.relay_pause");
    monitor.may("SELECT * FROM onceward.inbox_position");
    monitor.may("SELECT * FROM onceward.inbox_consumer");
    monitor.may("SELECT * FROM onceward.inbox_progress");
    monitor.may("SELECT id, topic, type, xid, seq, created_at FROM onceward.outbox");
    monitor.may("SELECT id, topic, state, reason FROM onceward.outbox_dead");
}

TEST(Monitor, SeesNoContentAndWritesNothing) {
    granted("onceward_monitor")
        .may_not({"SELECT payload FROM onceward.outbox", "SELECT key FROM onceward.outbox",
                  "SELECT headers FROM onceward.outbox", "SELECT * FROM onceward.outbox",
                  "SELECT payload FROM onceward.outbox_dead",
                  "SELECT payload FROM onceward.inbox_dead", insert_event,
                  "UPDATE onceward.relay_cursor SET lo = '1:1:'",
                  "UPDATE onceward.inbox_position SET next_off = 0",
                  "SELECT onceward.inbox_make_days(current_date, current_date)",
                  "DELETE FROM onceward.outbox"});
}

TEST(Stranger, CannotEvenEnterTheSchema) {
    granted("pg_signal_backend")
        .may_not({"SELECT * FROM onceward.schema_version", insert_event,
                  "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)",
                  "SELECT * FROM onceward.relay_cursor"});
}

}  // namespace
}  // namespace onceward
