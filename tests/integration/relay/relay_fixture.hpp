#pragma once

/// @file
/// A relay between a database of its own and an embedded broker of its own.

#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "dev/embedded_broker.hpp"
#include "onceward/relay.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"
#include "support/topic_log.hpp"

namespace onceward::test {

inline constexpr int partitions = 3;

/// A relay on its own thread, and what it has logged.
class running_relay {
public:
    explicit running_relay(relay_options options)
        : relay_(std::move(options),
                 [this](const relay_log_line& l) {
                     const std::lock_guard lock(guard_);
                     log_ += l.message + '\n';
                     lines_.push_back(l);
                 }),
          thread_([this](std::stop_token stop) { drained_ = relay_.run(stop); }) {}

    /// Stops it and tells whether everything was acknowledged and stored.
    bool stop() {
        thread_.request_stop();
        if (thread_.joinable()) thread_.join();
        return drained_;
    }
    [[nodiscard]] relay_counts counts() const { return relay_.counts(); }
    [[nodiscard]] relay_state state() const { return relay_.state(); }
    /// The values of a field, of all lines that have it.
    std::vector<std::string> values_of(const std::string& field) {
        const std::lock_guard lock(guard_);
        std::vector<std::string> found;
        for (const auto& l : lines_) {
            for (const auto& [name, value] : l.fields) {
                if (name == field) found.push_back(value);
            }
        }
        return found;
    }
    std::string log() {
        const std::lock_guard lock(guard_);
        return log_;
    }

private:
    std::mutex guard_;
    std::string log_;
    std::vector<relay_log_line> lines_;
    relay relay_;
    bool drained_ = false;
    std::jthread thread_;  // last: it uses all of the above
};

class Relay : public testing::Test {
protected:
    relay_options options() {
        relay_options o;
        o.database = as_relay_;
        o.brokers = broker_.bootstrap();
        o.lease_ttl = std::chrono::seconds(2);
        o.checkpoint_interval = std::chrono::milliseconds(50);
        return o;
    }

    /// Adds an event through SQL; its payload is `key version`.
    static void add(pg::connection& c, const std::string& key, int version) {
        value_of(c, "SELECT onceward.add('orders', '" + key + "', 'changed', to_jsonb('" + key +
                        ' ' + std::to_string(version) + "'::text))");
    }

    /// The keys' versions in the order in which they first stand in the log.
    static std::map<std::string, std::vector<int>> versions(const std::vector<record>& records) {
        std::map<std::string, std::vector<int>> by_key;
        std::map<std::string, bool> seen;
        for (const auto& r : records) {
            if (std::exchange(seen[r.header_value("id")], true)) continue;
            by_key[*r.key].push_back(std::stoi(r.value->substr(r.value->find(' ') + 1)));
        }
        return by_key;
    }

    static std::vector<int> one_to(int n) {
        std::vector<int> all;
        for (int i = 1; i <= n; ++i) all.push_back(i);
        return all;
    }

    std::string database_ = migrated_database();
    std::string as_relay_ = login_in(database_, "onceward_relay");  // all that a relay ever gets
    pg::connection db_ = connect(database_);
    dev::embedded_broker broker_{{{.name = "orders", .partitions = partitions}}};
    topic_log log_{broker_.bootstrap(), "orders", partitions};
};

}  // namespace onceward::test
