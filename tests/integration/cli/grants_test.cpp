// Each role may do exactly what its programs need. Two kinds of tests: the whole list of
// privileges, read from the catalog, so that none slips in; and the statements that matter, run one
// by one.

#include <string>
#include <vector>

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

/// Everything in the schema that was granted to `role` itself, one line each, sorted. Day
/// partitions would come and go, but have no grants of their own.
std::string grants_of(const std::string& role) {
    auto owner = test::connect(database());
    return value_of(
        owner,
        "SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM ("
        " SELECT c.relname || ' ' || a.privilege_type AS line, a.grantee FROM pg_class c,"
        "  aclexplode(c.relacl) a WHERE c.relnamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT c.relname || '.' || t.attname || ' ' || a.privilege_type, a.grantee"
        "  FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a"
        "  WHERE c.relnamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT p.proname || '() ' || a.privilege_type, a.grantee FROM pg_proc p,"
        "  aclexplode(p.proacl) a WHERE p.pronamespace = 'onceward'::regnamespace"
        " UNION ALL"
        " SELECT 'schema ' || a.privilege_type, a.grantee FROM pg_namespace n,"
        "  aclexplode(n.nspacl) a WHERE n.nspname = 'onceward') g"
        " WHERE grantee = coalesce((SELECT oid FROM pg_roles WHERE rolname = '" +
            role + "'), 0)");
}

TEST(GrantsToApp, AreTheseAndNoMore) {
    EXPECT_EQ(grants_of("onceward_app"),
              "add() EXECUTE\n"
              "add_bytes() EXECUTE\n"
              "bucket_of() EXECUTE\n"
              "headers_ok() EXECUTE\n"
              "lock_key() EXECUTE\n"
              "outbox.content_type INSERT\n"
              "outbox.headers INSERT\n"
              "outbox.id INSERT\n"
              "outbox.key INSERT\n"
              "outbox.payload INSERT\n"
              "outbox.topic INSERT\n"
              "outbox.type INSERT\n"
              "outbox_seq USAGE\n"
              "schema USAGE\n"
              "uuid7() EXECUTE\n"
              "uuid7_ms() EXECUTE");
}

TEST(GrantsToRelay, AreTheseAndNoMore) {
    EXPECT_EQ(grants_of("onceward_relay"),
              "outbox SELECT\n"
              "outbox_clean_slot() EXECUTE\n"
              "outbox_dead INSERT\n"
              "outbox_dead SELECT\n"
              "outbox_forget_tombstones() EXECUTE\n"
              "outbox_held DELETE\n"
              "outbox_held INSERT\n"
              "outbox_held SELECT\n"
              "outbox_hold DELETE\n"
              "outbox_hold INSERT\n"
              "outbox_hold SELECT\n"
              "outbox_ring SELECT\n"
              "outbox_seq SELECT\n"
              "outbox_slot SELECT\n"
              "relay_cursor SELECT\n"
              "relay_cursor UPDATE\n"
              "relay_life INSERT\n"
              "relay_life SELECT\n"
              "relay_life UPDATE\n"
              "relay_pause DELETE\n"
              "relay_pause INSERT\n"
              "relay_pause SELECT\n"
              "schema USAGE\n"
              "topic_pin INSERT\n"
              "topic_pin SELECT");
}

TEST(GrantsToInbox, AreTheseAndNoMore) {
    EXPECT_EQ(grants_of("onceward_inbox"),
              "inbox INSERT\n"
              "inbox SELECT\n"
              "inbox_dead INSERT\n"
              "inbox_dead SELECT\n"
              "inbox_dead.attempts UPDATE\n"
              "inbox_dead.dead_at UPDATE\n"
              "inbox_dead.headers UPDATE\n"
              "inbox_dead.key UPDATE\n"
              "inbox_dead.payload UPDATE\n"
              "inbox_dead.reason UPDATE\n"
              "inbox_dead.settled_at UPDATE\n"
              "inbox_dead.sqlstate UPDATE\n"
              "inbox_dead.state UPDATE\n"
              "inbox_drop_day() EXECUTE\n"
              "inbox_keep_days() EXECUTE\n"
              "inbox_make_days() EXECUTE\n"
              "inbox_position INSERT\n"
              "inbox_position SELECT\n"
              "inbox_position UPDATE\n"
              "inbox_progress INSERT\n"
              "inbox_progress SELECT\n"
              "schema USAGE");
}

TEST(GrantsToMonitor, AreReadingWithoutKeysPayloadsAndHeaders) {
    const std::string grants = grants_of("onceward_monitor");

    for (const char* forbidden :
         {"payload", "key", "headers", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "EXECUTE",
          "outbox SELECT", "inbox SELECT", "outbox_dead SELECT"}) {
        EXPECT_EQ(grants.find(forbidden), std::string::npos) << forbidden << " in\n" << grants;
    }
}

TEST(GrantsToEverybody, AreTheSchemasVersion) {
    EXPECT_EQ(grants_of("nobody at all"), "schema_version SELECT");
}

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
                  std::string(insert_event) + " RETURNING seq", "DELETE FROM onceward.outbox",
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
