/// @file
/// Two relays of one shard under load: one dies, is paused, or is restarted, the other goes on.

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "relay_command.hpp"
#include "support/topic_log.hpp"

namespace onceward::test {
namespace {

constexpr int keys = 5;

/// Adds events, a transaction each, until it is stopped; the payload is the key's version.
class endless_writer {
public:
    explicit endless_writer(const std::string& database)
        : thread_([this, database](std::stop_token stop) {
              auto c = connect(database);
              for (int n = 0; !stop.stop_requested(); ++n) {
                  value_of(c, "SELECT onceward.add('orders', 'key-" + std::to_string(n % keys) +
                                  "', 'changed', '" + std::to_string(n / keys) + "')");
                  ++written_;
              }
          }) {}

    [[nodiscard]] std::size_t written() const { return written_; }
    /// Waits until so many more are written.
    bool writes(std::size_t more) {
        return eventually([&, from = written()] { return written() >= from + more; });
    }
    std::size_t stop() {
        thread_.request_stop();
        thread_.join();
        return written_;
    }

private:
    std::atomic<std::size_t> written_{0};
    std::jthread thread_;
};

class RelayTakeover : public RelayCommand {
protected:
    std::unique_ptr<captured_process> start() {
        return std::make_unique<captured_process>(relay({"--retry-max", "200ms"}));
    }
    std::string owner() { return value_of(db_, "SELECT owner FROM onceward.relay_cursor"); }

    /// Starts two; the first holds the lease, the second stands by.
    void start_both() {
        first_ = start();
        ASSERT_TRUE(eventually([&] { return lease_is_held(); })) << first_->err();
        second_ = start();
        ASSERT_TRUE(eventually([&] {
            return second_->err().find("standing by") != std::string::npos;
        })) << second_->err();
    }
    /// Whether the lease goes to another than its owner.
    [[nodiscard]] bool is_taken_over_from(const std::string& before) {
        return eventually([&] { return owner() != before && lease_is_held(); },
                          std::chrono::seconds{60});
    }

    /// Reads until all are there; first occurrences must be in order within each key.
    void expect_all_in_order(std::size_t written) {
        std::set<std::string> seen;
        std::map<std::string, int> next;
        std::size_t looked_at = 0;
        const auto& records = log_.read_until(
            [&](const std::vector<record>& all) {
                for (; looked_at < all.size(); ++looked_at) {
                    const auto& r = all[looked_at];
                    if (!seen.insert(r.header_value("id")).second) continue;
                    EXPECT_EQ(std::stoi(r.value.value()), next[r.key.value()]++) << *r.key;
                }
                return seen.size() == written;
            },
            std::chrono::seconds{60});
        EXPECT_EQ(seen.size(), written);
        repeats_ = records.size() - seen.size();
    }

    topic_log log_{broker_.bootstrap(), "orders", 2};
    std::unique_ptr<captured_process> first_, second_;
    std::size_t repeats_ = 0;
};

}  // namespace

TEST_F(RelayTakeover, FromAKilledRelayLosesAndInvertsNothing) {
    start_both();
    endless_writer writer(database_);
    ASSERT_TRUE(writer.writes(200));
    const std::string before = owner();

    first_->signal(SIGKILL);

    EXPECT_TRUE(is_taken_over_from(before)) << second_->err();
    ASSERT_TRUE(writer.writes(200));
    expect_all_in_order(writer.stop());
}

// The paused one wakes up in the middle of its work, with events in its hands and a cursor to
// store: what it still publishes are repeats, and the cursor is not its own any more.
TEST_F(RelayTakeover, FromAPausedRelayThatWakesUpLosesAndInvertsNothing) {
    start_both();
    endless_writer writer(database_);
    ASSERT_TRUE(writer.writes(200));
    const std::string before = owner();

    first_->signal(SIGSTOP);
    EXPECT_TRUE(is_taken_over_from(before)) << second_->err();
    ASSERT_TRUE(writer.writes(200));
    first_->signal(SIGCONT);

    EXPECT_TRUE(eventually([&] { return first_->err().find("standing by") != std::string::npos; }))
        << first_->err();
    ASSERT_TRUE(writer.writes(200));
    expect_all_in_order(writer.stop());
}

TEST_F(RelayTakeover, InARollingRestartRepeatsNothingEither) {
    start_both();
    endless_writer writer(database_);
    for (int round = 0; round < 4; ++round) {
        ASSERT_TRUE(writer.writes(100));
        const std::string before = owner();

        first_->signal(SIGTERM);

        EXPECT_EQ(first_->wait(), 0) << first_->err();
        EXPECT_TRUE(is_taken_over_from(before)) << second_->err();
        first_ = std::move(second_);
        second_ = start();
    }
    expect_all_in_order(writer.stop());
    EXPECT_EQ(repeats_, 0U);
}

}  // namespace onceward::test
