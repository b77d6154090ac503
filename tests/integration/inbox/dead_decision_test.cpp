// What a person decides about a dead letter of the inbox, by the functions that commands call.

#include <gtest/gtest.h>

#include "onceward/message_id.hpp"
#include "support/test_database.hpp"

namespace onceward::test {
namespace {

/// Two dead letters: 1 was refused by its handler, 2 quarantined.
class InboxDeadDecision : public ::testing::Test {
protected:
    InboxDeadDecision() {
        value(
            "INSERT INTO onceward.inbox_dead (consumer, topic, partition, off, id, key, type, "
            "payload, headers, "
            "reason, kind) VALUES "
            "('shipping', 'orders', 0, 7, '0190a5b4-0000-7000-8000-000000000001', 'k', 'placed', "
            "'secret', "
            "'[[\"a\", \"b\"]]', 'no', 'refused'), "
            "('shipping', 'orders', 0, 8, '0190a5b4-0000-7000-8000-000000000002', 'k', 'placed', "
            "'x', '[]', "
            "'too old', 'quarantined')");
    }

    std::string value(const std::string& sql) { return value_of(db_, sql); }
    std::string of(int number, const std::string& what) {
        return value("SELECT " + what +
                     " FROM onceward.inbox_dead WHERE number = " + std::to_string(number));
    }
    /// What the statement is refused with.
    std::string refusal(const std::string& sql) {
        const auto r = db_.exec(sql.c_str());
        return r ? "" : r.error().message;
    }
    std::string audit() {
        return value(
            "SELECT string_agg(action || ' ' || subject, ',' ORDER BY at) FROM onceward.audit");
    }

    pg::connection db_ = connect(migrated_database());
};

TEST_F(InboxDeadDecision, RedrivesARefusedOneUnderItsOwnId) {
    EXPECT_EQ(value("SELECT onceward.inbox_dead_redrive(1)"),
              "0190a5b4-0000-7000-8000-000000000001");

    EXPECT_EQ(of(1, "state"), "redrive");
    EXPECT_EQ(audit(), "inbox dead redrive 1");
    EXPECT_EQ(
        value("SELECT actor = session_user AND detail->>'topic' = 'orders' FROM onceward.audit"),
        "t");
}

TEST_F(InboxDeadDecision, RedrivesAQuarantinedOneOnlyAsNew) {
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_redrive(2)").find("too old"), std::string::npos);
    EXPECT_EQ(audit(), "");

    const auto id = value("SELECT onceward.inbox_dead_redrive(2, p_as_new => true)");

    EXPECT_EQ(message_id::parse(id).value_or(message_id{}).version(), 7);
    EXPECT_EQ(of(2, "redrive_id"), id);
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_redrive(1, p_as_new => true)"), "");
}

TEST_F(InboxDeadDecision, EditsPayloadAndHeadersAndAuditsNoContent) {
    value("SELECT onceward.inbox_dead_edit(1, true, 'mended', NULL)");
    EXPECT_EQ(of(1, "convert_from(payload, 'UTF8')"), "mended");
    EXPECT_EQ(of(1, "headers"), "[[\"a\", \"b\"]]");

    value("SELECT onceward.inbox_dead_edit(1, false, NULL, '[[\"c\", {\"base64\": \"AA==\"}]]')");
    EXPECT_EQ(of(1, "convert_from(payload, 'UTF8')"), "mended");
    EXPECT_EQ(of(1, "headers->0->>0"), "c");

    value("SELECT onceward.inbox_dead_edit(1, true, NULL, NULL)");
    EXPECT_EQ(of(1, "payload IS NULL"), "t");
    EXPECT_EQ(audit(), "inbox dead edit 1,inbox dead edit 1,inbox dead edit 1");
    EXPECT_EQ(value("SELECT count(*) FROM onceward.audit WHERE detail::text ~ 'secret|mended'"),
              "0");
}

TEST_F(InboxDeadDecision, RefusesAnEditThatCouldNotBeHandedOver) {
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_edit(1, false, NULL, '{\"a\": 1}')"), "");
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_edit(1, false, NULL, '[[\"a\"]]')"), "");
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_edit(1, true, convert_to(repeat('x', 900001), "
                      "'UTF8'), NULL)")
                  .find("900000"),
              std::string::npos);
}

TEST_F(InboxDeadDecision, DiscardsAndForgetsTheContent) {
    value("SELECT onceward.inbox_dead_discard(1, 'sent twice by hand')");

    EXPECT_EQ(of(1, "state"), "discarded");
    EXPECT_EQ(of(1, "key IS NULL AND payload IS NULL AND headers IS NULL"), "t");
    EXPECT_EQ(value("SELECT detail->>'why' FROM onceward.audit"), "sent twice by hand");
}

TEST_F(InboxDeadDecision, IsMadeOnce) {
    value("SELECT onceward.inbox_dead_discard(1, '')");
    value("SELECT onceward.inbox_dead_redrive(2, true)");

    EXPECT_NE(refusal("SELECT onceward.inbox_dead_redrive(1)").find("discarded already"),
              std::string::npos);
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_discard(2, '')").find("being redriven"),
              std::string::npos);
    EXPECT_NE(refusal("SELECT onceward.inbox_dead_edit(99, true, '', NULL)").find("no number 99"),
              std::string::npos);
}

TEST_F(InboxDeadDecision, IsTheOwnersAlone) {
    const auto role = [&](const std::string& name) {
        value("SET ROLE " + name);
        const auto why = refusal("SELECT onceward.inbox_dead_discard(1, '')");
        value("RESET ROLE");
        return why;
    };

    for (const char* name : {"onceward_inbox", "onceward_monitor", "onceward_app"}) {
        EXPECT_NE(role(name).find("permission denied"), std::string::npos) << name;
    }
}

}  // namespace
}  // namespace onceward::test
