#pragma once

/// @file
/// A model of Kafka's partition logs and of idempotent producers that write to them.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "environment.hpp"
#include "onceward/message_id.hpp"
#include "relay/core/event.hpp"
#include "relay/core/refusal.hpp"

namespace onceward::sim {

struct log_record {
    message_id id;
    std::string payload;
};

/// What a producer tells its owner.
struct producer_reports {
    std::function<void(std::uint64_t number, std::size_t events)> acknowledged;
    std::function<void(relay_core::refusal)> failed;
};

class broker;

/// One producer's life: appends in order and gapless per partition; reports come late, and between
/// partitions in any order. Once it has failed it reports nothing more.
class producer {
public:
    /// @param one_by_one  Sends each message in a request of its own.
    producer(environment& env, broker& to, std::uint64_t tenure, bool one_by_one,
             producer_reports reports);

    /// The event's memory must stay valid until it is acknowledged, as with librdkafka.
    void produce(std::uint64_t number, const relay_core::captured_event& e);

    /// The owner destroys it: some requests are on their way and may still arrive, as a prefix.
    void destroy();

    void step();
    /// Nothing will ever be appended by it again.
    [[nodiscard]] bool over() const;

private:
    struct queued {
        std::uint64_t number = 0;
        relay_core::event_ref ref;
        bool refused = false;
        message_id id;
        std::string_view view;  ///< The payload, while its owner lives.
        std::string copy;       ///< Of what is on the way when its owner is gone.
    };
    struct lane {
        std::deque<queued> waiting;
        std::deque<std::uint64_t> unreported;  ///< The pieces of what was appended.
        std::vector<log_record> recent;
    };
    void send(std::size_t partition);
    void append(std::size_t partition);
    void refuse(const lane& l);
    void report(std::size_t partition);
    void repeat(std::size_t partition);
    void fail();

    environment& env_;
    broker& broker_;
    const std::uint64_t tenure_;
    const bool one_by_one_;
    producer_reports reports_;
    std::vector<lane> lanes_;
    bool failed_ = false;
    bool destroyed_ = false;
};

class broker {
public:
    broker(environment& env, std::size_t partitions) : env_(env), logs_(partitions) {}

    std::shared_ptr<producer> connect(std::uint64_t tenure, bool one_by_one,
                                      producer_reports reports);
    void step();

    [[nodiscard]] std::size_t partitions() const { return logs_.size(); }
    [[nodiscard]] const std::vector<log_record>& log(std::size_t partition) const {
        return logs_[partition];
    }
    void append(std::size_t partition, log_record r);
    /// The tenure that connected last.
    [[nodiscard]] std::uint64_t newest_tenure() const { return newest_tenure_; }

private:
    environment& env_;
    std::vector<std::vector<log_record>> logs_;
    std::vector<std::shared_ptr<producer>> producers_;
    std::uint64_t newest_tenure_ = 0;
};

}  // namespace onceward::sim
