#pragma once

/// @file
/// One run of an inbox: its workers, and one consumer after another.

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "inbox/io/consumer.hpp"
#include "inbox/io/environment.hpp"
#include "inbox/io/session.hpp"
#include "inbox/io/store.hpp"
#include "inbox/io/worker.hpp"

namespace onceward::inbox_io {

class engine {
public:
    explicit engine(std::shared_ptr<environment> env);

    /// @throws std::runtime_error  The schema or the role lacks something, or Kafka's
    ///                             configuration cannot work.
    void run(std::stop_token stop);

private:
    void wait_for_database(const std::stop_token& stop);
    void check_database();
    void consume(const std::stop_token& stop);
    void start_workers();
    void leave(std::chrono::steady_clock::time_point begun);
    /// @return Whether all have ended.
    bool stop_workers(std::chrono::steady_clock::time_point deadline);
    void pause(const std::stop_token& stop, std::chrono::milliseconds bound) const;

    std::shared_ptr<environment> env_;
    std::shared_ptr<const store> tables_;
    std::shared_ptr<day_keeper> days_;
    std::string conninfo_;
    session control_;
    std::vector<std::shared_ptr<worker>> workers_;
    std::unique_ptr<consumer> consumer_;
};

}  // namespace onceward::inbox_io
