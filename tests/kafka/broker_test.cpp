/// @file
/// A broker that dies under load.

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "kafka/real_kafka.hpp"
#include "kafka/running_relay.hpp"
#include "kafka/topic_reader.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

constexpr const char* unacknowledged =
    "SELECT count(*) FROM onceward.outbox o, onceward.relay_cursor c "
    "WHERE NOT pg_visible_in_snapshot(o.xid, c.lo::pg_snapshot)";

/// Adds numbered events on five keys, a transaction each, until it is stopped.
class endless_writer {
public:
    endless_writer(const std::string& database, const std::string& topic)
        : thread_([=, this](std::stop_token stop) {
              auto c = connect(database);
              for (int n = 1; !stop.stop_requested(); ++n) {
                  value_of(c, "SELECT onceward.add('" + topic + "', 'key-" + std::to_string(n % 5) +
                                  "', 'counted', '" + std::to_string(n) + "')");
                  written_ = n;
              }
          }) {}

    int written() const { return written_; }
    int stop() {
        thread_.request_stop();
        thread_.join();
        return written_;
    }

private:
    std::atomic<int> written_ = 0;
    std::jthread thread_;
};

/// The numbers of the events in the topic, and how many first occurrences of a key went back.
struct seen {
    std::set<int> numbers;
    int disorder = 0;
};

seen look_at(const std::vector<wire_message>& messages) {
    seen s;
    std::map<std::string, int> last;
    for (const auto& m : messages) {
        const int n = std::stoi(m.payload.value());
        if (!s.numbers.insert(n).second) continue;
        int& before = last[m.key.value()];
        s.disorder += n < before ? 1 : 0;
        before = n;
    }
    return s;
}

}  // namespace

// Goal: a broker killed and restarted under load costs neither an event nor their order.
// Method: events are added all the time; the broker is killed twice while some are in flight. After
// the second restart all of them must be in the topic, first occurrences in order within each key.
TEST(Broker, KilledUnderLoadLosesAndInvertsNothing) {
    own_broker broker;
    const std::string topic = fresh_topic(broker.address(), 3);
    const std::string database = migrated_database();
    running_relay relay(quick_relay(database, broker.address()));
    endless_writer writer(database, topic);

    for (int kill = 1; kill <= 2; ++kill) {
        const auto published = relay.counts().published;
        ASSERT_TRUE(eventually([&] { return relay.counts().published > published + 200; }));
        broker.kill9();
        const int written = writer.written();
        ASSERT_TRUE(eventually([&] { return writer.written() > written + 200; }));
        broker.start();
    }
    const int total = writer.stop();
    auto c = connect(database);
    ASSERT_TRUE(
        eventually([&] { return value_of(c, unacknowledged) == "0"; }, std::chrono::seconds(60)))
        << "the relay could not publish the rest";
    ASSERT_TRUE(relay.stop());

    // Repeats come on top of the numbers: read on until all are seen, in the topic's order.
    topic_reader reader(broker.address(), topic);
    std::size_t count = static_cast<std::size_t>(total);
    seen s = look_at(reader.read(count));
    while (s.numbers.size() < static_cast<std::size_t>(total) && !reader.at_end()) {
        count += static_cast<std::size_t>(total) - s.numbers.size();
        s = look_at(reader.read(count));
    }
    EXPECT_EQ(s.numbers.size(), static_cast<std::size_t>(total));
    EXPECT_EQ(s.disorder, 0);
}

TEST(Broker, AbsentAtTheStartIsWaitedFor) {
    own_broker broker;
    const std::string topic = fresh_topic(broker.address(), 1);
    const std::string database = migrated_database();
    broker.kill9();
    running_relay relay(quick_relay(database, broker.address()));
    auto c = connect(database);
    value_of(c, "SELECT onceward.add('" + topic + "', 'k', 'counted', '1')");
    ASSERT_TRUE(eventually([&] {
        return value_of(c, "SELECT reason FROM onceward.relay_cursor") != "";
    })) << "the cursor row does not say what is wrong";

    broker.start();

    EXPECT_EQ(topic_reader(broker.address(), topic).read(1).size(), 1U);
    EXPECT_TRUE(eventually(
        [&] { return value_of(c, "SELECT reason FROM onceward.relay_cursor").empty(); }));
}

}  // namespace onceward::test
