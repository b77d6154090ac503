#pragma once

/// @file
/// A service that writes events in its transactions, a step at a time.

#include <memory>
#include <vector>

#include "pg_server.hpp"

namespace onceward::sim {

/// Transactions of all writers together.
struct workload {
    int left = 0;
    bool finish = false;  ///< Begin nothing new, let nothing stand open.
};

class writer {
public:
    writer(environment& env, pg_server& server, workload& work)
        : env_(env), server_(server), work_(work) {}

    void step();
    [[nodiscard]] bool idle() const { return !transaction_; }
    /// Its transaction has written and waits for nobody; it may stand open for as long as it likes.
    [[nodiscard]] bool stands_open() const { return transaction_ && transaction_->xid != 0; }

private:
    enum class action : std::uint8_t { write_elsewhere, lock, add, wait, commit, abort };
    struct planned {
        action what;
        int key = -1;
        std::int64_t until = 0;
    };
    void plan();
    void plan_events(bool large);
    bool carry_out(planned& p);
    bool commit();

    environment& env_;
    pg_server& server_;
    workload& work_;
    std::shared_ptr<transaction> transaction_;
    std::vector<planned> plan_;
    std::size_t next_ = 0;
    bool waits_for_flush_ = true;
};

}  // namespace onceward::sim
