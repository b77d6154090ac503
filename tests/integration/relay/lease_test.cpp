#include "relay_fixture.hpp"

namespace onceward::test {

TEST_F(Relay, OnlyTheHolderOfTheLeasePublishes) {
    running_relay first(options());
    ASSERT_TRUE(eventually([&] { return first.counts().leases == 1; }));
    running_relay second(options());
    ASSERT_TRUE(eventually([&] { return second.log().find("standing by") != std::string::npos; }));

    add(db_, "k", 1);

    EXPECT_EQ(log_.read(1).size(), 1U);
    EXPECT_TRUE(eventually([&] { return first.counts().published == 1; }));
    EXPECT_EQ(second.counts().read, 0U);
}

TEST_F(Relay, AStandbyTakesOverAfterAHandOver) {
    running_relay first(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);
    running_relay second(options());
    ASSERT_TRUE(eventually([&] { return second.log().find("standing by") != std::string::npos; }));

    ASSERT_TRUE(first.stop());
    add(db_, "k", 2);

    EXPECT_EQ(versions(log_.read(2))["k"], one_to(2));
    EXPECT_TRUE(eventually([&] { return second.counts().published == 1; }));
}

TEST_F(Relay, AHolderWhoseLeaseWasTakenStoresNothingMore) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);
    value_of(db_,
             "UPDATE onceward.relay_cursor SET lease_id = gen_random_uuid(), lease_until = now() + "
             "interval '1 hour', lo = '3:3:'");

    // It finds out at its next store or read, and then stands by.
    ASSERT_TRUE(eventually([&] { return relay.log().find("standing by") != std::string::npos; }));
    EXPECT_EQ(value_of(db_, "SELECT lo FROM onceward.relay_cursor"), "3:3:");
    relay.stop();
    EXPECT_EQ(value_of(db_, "SELECT lo FROM onceward.relay_cursor"), "3:3:");
}

TEST_F(Relay, ACursorPutBackRepeatsEventsAndLosesNone) {
    const auto start = value_of(db_, "SELECT lo FROM onceward.relay_cursor");
    running_relay relay(options());
    for (int v = 1; v <= 10; ++v) add(db_, "k", v);
    ASSERT_EQ(log_.read(10).size(), 10U);

    value_of(db_, "UPDATE onceward.relay_cursor SET lo = '" + start +
                      "', hi = NULL, lease_id = NULL, lease_until = NULL");

    const auto& records = log_.read(20);
    EXPECT_EQ(records.size(), 20U);
    EXPECT_EQ(versions(records)["k"], one_to(10));
}

TEST_F(Relay, AMissingProofOfLifeMakesANewIncarnation) {
    running_relay relay(options());
    add(db_, "k", 1);
    ASSERT_EQ(log_.read(1).size(), 1U);
    const auto before = value_of(db_, "SELECT incarnation FROM onceward.relay_cursor");

    value_of(db_, "DELETE FROM onceward.relay_life");  // as a crash of the server would
    add(db_, "k", 2);

    EXPECT_EQ(versions(log_.read(2))["k"], one_to(2));
    EXPECT_TRUE(eventually(
        [&] { return value_of(db_, "SELECT incarnation FROM onceward.relay_cursor") != before; }));
}

TEST_F(Relay, AnotherPartitionCountHoldsTheShardAndSaysWhy) {
    value_of(db_, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");
    running_relay relay(options());
    add(db_, "k", 1);

    EXPECT_TRUE(eventually([&] {
        return value_of(db_, "SELECT reason FROM onceward.relay_cursor")
                   .find("has 3 partitions, but 99") != std::string::npos;
    }));
    value_of(db_, "UPDATE onceward.topic_pin SET partitions = 3");
    EXPECT_EQ(log_.read(1).size(), 1U);
    EXPECT_TRUE(eventually(
        [&] { return value_of(db_, "SELECT reason FROM onceward.relay_cursor").empty(); }));
}

TEST_F(Relay, SaysThatWorkIsLeftWhenItIsStoppedBetweenTwoTries) {
    auto o = options();
    o.retry_min = o.retry_max = std::chrono::seconds(60);
    value_of(db_, "INSERT INTO onceward.topic_pin VALUES ('orders', 99)");
    running_relay relay(o);
    add(db_, "k", 1);
    ASSERT_TRUE(eventually([&] { return relay.counts().rebuilds == 1; }));

    EXPECT_FALSE(relay.stop());
}

}  // namespace onceward::test
