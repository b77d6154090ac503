#pragma once

/// @file
/// The relay's port to the outbox over the simulated PostgreSQL. Keeps to what the statements of
/// the real adapter do, their bounds included.

#include <string>
#include <vector>

#include "relay/ports.hpp"
#include "session.hpp"

namespace onceward::sim {

class outbox_reader final : public relay_core::outbox_reader {
public:
    outbox_reader(environment& env, pg_server& server, const process& owner, std::string lease_id);

    result<relay_core::opened_window> open(const relay_core::snapshot& lo) override;
    result<std::vector<std::uint64_t>> with_rows(const std::vector<std::uint64_t>& xids) override;
    result<std::int64_t> floor(const relay_core::snapshot& lo,
                               const relay_core::snapshot& hi) override;
    result<relay_core::run_chunk> read_run(const relay_core::snapshot& lo,
                                           const relay_core::snapshot& hi,
                                           const relay_core::run_query& run, std::size_t events_max,
                                           std::size_t bytes_max) override;
    result<relay_core::confirmation> confirm(const std::string& wal_end) override;
    result<relay_core::confirmation> barrier() override;

private:
    relay_core::opened_window see_window(const relay_core::snapshot& lo);
    [[nodiscard]] bool alive() const;
    [[nodiscard]] bool durable(std::uint64_t lsn) const;

    environment& env_;
    pg_server& server_;
    session session_;
    const std::string lease_id_;
};

}  // namespace onceward::sim
