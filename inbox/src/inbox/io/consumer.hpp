#pragma once

/// @file
/// Kafka -> **consume**: one member of the group, from its first assignment to its end.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "inbox/io/environment.hpp"
#include "inbox/io/partition.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "inbox/io/take.hpp"
#include "inbox/io/worker.hpp"
#include "kafka/rd_handle.hpp"
#include "onceward/result.hpp"

namespace onceward::inbox_io {

/// librdkafka's consumer and what its rebalances ask for. Crash-only: when anything is in the way,
/// it is ended and the caller makes another.
///
/// @par Thread safety
/// One thread.
class consumer {
public:
    /// @return `fatal` when an option is in the way.
    static result<std::unique_ptr<consumer>> make(std::shared_ptr<environment> env,
                                                  std::shared_ptr<const store> tables,
                                                  std::vector<std::shared_ptr<worker>> workers,
                                                  session& control);
    ~consumer();
    consumer(const consumer&) = delete;
    consumer& operator=(const consumer&) = delete;

    /// Polls until `stop` is asked for or another consumer must be made.
    /// @return Why another one; empty after `stop`.
    std::string run(std::stop_token stop);

    /// Leaves the group and frees the handle. Bounded: librdkafka's close may hang, and then its
    /// handle is left behind.
    /// @return Whether everything has ended.
    bool close(std::chrono::steady_clock::time_point deadline);

private:
    consumer(std::shared_ptr<environment> env, std::shared_ptr<const store> tables,
             std::vector<std::shared_ptr<worker>> workers, session& control);

    struct owned {
        std::shared_ptr<partition> p;
        std::shared_ptr<worker> by;
    };

    /// What librdkafka's callbacks find; outlives a handle that had to be left behind.
    struct callee {
        std::atomic<consumer*> present{nullptr};
    };

    static void on_rebalance(rd_kafka_t* k, rd_kafka_resp_err_t e,
                             rd_kafka_topic_partition_list_t* list, void* opaque);
    static void on_log(const rd_kafka_t* k, int level, const char* facility, const char* text);

    std::optional<failure> subscribe();
    void poll_once();
    void report(rd_kafka_resp_err_t e, const std::string& text);
    void assign(const rd_kafka_topic_partition_list_t& list);
    result<taken> take_within_bound(const place& at,
                                    std::chrono::steady_clock::time_point deadline);
    void own(const place& at, inbox_core::position from);
    void keep_stopped(const place& at, const taken& t);
    void start_reading(const rd_kafka_topic_partition_list_t& to);
    void revoke();
    void give_up_partitions(std::chrono::steady_clock::time_point deadline);
    void commit_to_kafka();
    [[nodiscard]] const std::shared_ptr<worker>& least_loaded() const;

    std::shared_ptr<environment> env_;
    std::shared_ptr<const store> tables_;
    std::vector<std::shared_ptr<worker>> workers_;
    session& control_;
    std::shared_ptr<callee> callee_ = std::make_shared<callee>();
    rd_kafka_t* kafka_ = nullptr;
    std::vector<owned> owned_;
    std::vector<std::shared_ptr<partition>> lingering_;  // given back in the middle of a batch
    std::map<place, std::int64_t> committed_;            // what Kafka was told
    std::string rebuild_;                                // why another consumer must be made
    std::stop_token stop_;
    std::string last_reported_;
    std::chrono::steady_clock::time_point last_report_at_{};
};

}  // namespace onceward::inbox_io
