#pragma once

/// @file
/// What topics take at most, asked of the brokers by a thread of its own.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "onceward/relay.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

/// Outlives the producers. Where brokers do not tell (no right to DESCRIBE_CONFIGS, no answer), and
/// where messages are compressed, nothing is known: then brokers judge, batch by batch.
///
/// @par Thread safety
/// One thread.
class topic_limits final : public message_limits {
public:
    /// @param options  Must outlive this.
    topic_limits(const relay_options& options, relay::log_sink log);
    ~topic_limits() override;

    std::optional<std::int64_t> of(const std::string& topic) override;
    std::optional<std::int64_t> asked_anew(const std::string& topic) override;
    [[nodiscard]] std::optional<std::int64_t> lowest() const override;

private:
    using clock = std::chrono::steady_clock;
    struct entry {
        std::optional<std::int64_t> bytes{};
        clock::time_point read_at{};
        std::uint64_t asked = 0;  ///< Rounds of this topic.
        std::uint64_t answered = 0;
    };
    using lock = std::unique_lock<std::mutex>;

    void ask(lock& held, const std::string& topic);
    bool answered(lock& held, const std::string& topic);
    void serve(const std::stop_token& stop);
    void read(const std::set<std::string>& topics, const std::stop_token& stop);
    void say_once(const std::string& why);

    const relay_options& options_;
    const relay::log_sink log_;
    const bool knowable_;
    const std::chrono::milliseconds patience_;  ///< The caller has a lease to renew.
    mutable std::mutex guard_;                  // of all below
    std::condition_variable_any changed_;
    std::map<std::string, entry> known_;
    std::set<std::string> wanted_;
    bool has_said_ = false;
    std::jthread thread_;  // begun when something is asked
};

}  // namespace onceward::relay_core
