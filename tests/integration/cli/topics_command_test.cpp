// What works on the embedded broker; tests/kafka/topics_test.cpp has the rest.

#include <string>

#include <gtest/gtest.h>

#include "dev/embedded_broker.hpp"
#include "program.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward {
namespace {

using test::value_of;

class Topics : public testing::Test {
protected:
    test::finished topics(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "topics");
        arguments.insert(arguments.end(),
                         {"--database", database_, "--brokers", broker_.bootstrap()});
        return test::run_onceward(arguments);
    }
    void pin(int partitions) {
        value_of(db_, "INSERT INTO onceward.topic_pin (topic, partitions) VALUES ('orders', " +
                          std::to_string(partitions) + ")");
    }
    std::string pinned() { return value_of(db_, "SELECT partitions FROM onceward.topic_pin"); }
    std::string lease() {
        return value_of(db_,
                        "SELECT lease_id::text || coalesce(owner, '') FROM onceward.relay_cursor");
    }

    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
    dev::embedded_broker broker_{{{"orders", 4}}};
};

TEST_F(Topics, CheckLooksAtThoseThatTheOutboxUses) {
    pin(4);
    value_of(db_, "SELECT onceward.add('missing', 'k', 'placed', '{}'::jsonb)");

    const auto r = topics({"check"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("problem  topic missing: "), std::string::npos) << r.out;
    EXPECT_NE(r.out.find("onceward topics create missing"), std::string::npos) << r.out;
    EXPECT_EQ(r.out.find("problem  topic orders"), std::string::npos) << r.out;
    EXPECT_EQ(topics({"check"}).code, 1) << "looking has not made it";
}

TEST_F(Topics, CheckLooksAtThoseThatAreNamedAlone) {
    value_of(db_, "SELECT onceward.add('missing', 'k', 'placed', '{}'::jsonb)");

    EXPECT_EQ(topics({"check", "orders"}).code, 0);
    EXPECT_EQ(topics({"check", "orders", "--json"}).out.find("missing"), std::string::npos);
}

TEST_F(Topics, CheckFindsAnotherCountThanThePinnedOne) {
    pin(3);

    const auto r = topics({"check"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.out.find("has 4 partitions and is pinned to 3"), std::string::npos) << r.out;
}

TEST_F(Topics, RepinRefusesWhileEventsOfTheTopicWait) {
    pin(3);
    value_of(db_, "SELECT onceward.add('orders', 'k', 'placed', '{}'::jsonb)");

    const auto r = topics({"repin", "orders", "--partitions", "4", "--yes"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.err.find("1 events of topic orders are not published yet"), std::string::npos)
        << r.err;
    EXPECT_EQ(pinned(), "3");
}

TEST_F(Topics, RepinChangesNothingUntilItIsMeant) {
    pin(3);

    const auto r = topics({"repin", "orders", "--partitions", "4"});

    EXPECT_EQ(r.code, 1);
    EXPECT_NE(r.err.find("--yes"), std::string::npos) << r.err;
    EXPECT_EQ(pinned(), "3");
}

TEST_F(Topics, RepinPinsTheNewCountAndEndsTheLeases) {
    pin(3);
    value_of(db_,
             "UPDATE onceward.relay_cursor SET lease_id = gen_random_uuid(), owner = 'a relay', "
             "lease_until = now() + interval '1 h'");
    value_of(db_,
             "INSERT INTO onceward.relay_life SELECT shard, lease_id FROM onceward.relay_cursor");
    value_of(db_, "SELECT onceward.add('other', 'k', 'placed', '{}'::jsonb)");
    const auto before = lease();

    const auto r = topics({"repin", "orders", "--partitions", "4", "--yes"});

    EXPECT_EQ(r.code, 0) << r.err;
    EXPECT_EQ(pinned(), "4");
    EXPECT_NE(lease(), before);
    EXPECT_EQ(value_of(db_,
                       "SELECT count(*) FROM onceward.relay_cursor JOIN onceward.relay_life USING "
                       "(shard, lease_id) "
                       "WHERE lease_until IS NULL"),
              "1")
        << "the proof of life must follow the lease";
}

TEST_F(Topics, RepinRefusesFewerPartitionsThanThereAre) {
    pin(4);

    EXPECT_EQ(topics({"repin", "orders", "--partitions", "3", "--yes"}).code, 1);
    EXPECT_EQ(pinned(), "4");
}

TEST_F(Topics, NeedToBeToldWhereKafkaIs) {
    const auto r = test::run_onceward({"topics", "check", "--database", database_});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("--brokers"), std::string::npos) << r.err;
}

TEST_F(Topics, GiveKafkaPropertiesToLibrdkafka) {
    const auto r = topics({"check", "--kafka", "no.such.property=1"});

    EXPECT_EQ(r.code, 78);
    EXPECT_NE(r.err.find("no.such.property"), std::string::npos) << r.err;
}

TEST_F(Topics, CreateRefusesWhatIsNoSetting) {
    EXPECT_EQ(topics({"create", "t", "--partitions", "2", "--config", "nonsense"}).code, 64);
    EXPECT_EQ(topics({"create", "t", "--partitions", "0"}).code, 64);
    EXPECT_EQ(topics({"create", "t"}).code, 64);
}

}  // namespace
}  // namespace onceward
