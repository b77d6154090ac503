#pragma once

/// @file
/// Reads the outbox table for the poll engine, in binary.

#include <string>

#include "pg/connection.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

class pg_outbox_reader final : public outbox_reader {
public:
    /// @param held  Its bucket range is what is read, its id what must be alive.
    pg_outbox_reader(pg::connection session, std::string schema, int shard, const lease& held,
                     std::size_t events_max, std::size_t bytes_max);

    result<opened_window> open(const snapshot& lo) override;
    result<std::vector<std::uint64_t>> with_rows(const std::vector<std::uint64_t>& xids) override;
    result<std::int64_t> floor(const snapshot& lo, const snapshot& hi) override;
    result<run_chunk> read_run(const snapshot& lo, const snapshot& hi, const run_query& run,
                               std::size_t events_max, std::size_t bytes_max) override;
    result<confirmation> confirm(const std::string& wal_end) override;
    result<confirmation> barrier() override;

    /// Why a person has paused the shard; empty when nobody has.
    result<std::string> pause_reason();

private:
    enum class order : std::uint8_t { xid, seq };
    [[nodiscard]] std::string buckets(order by) const;
    result<confirmation> confirmation_of(result<pg::rows> answer) const;

    pg::connection session_;
    std::string schema_;
    std::string shard_;
    std::string lease_id_;
    int bucket_from_;
    int bucket_to_;
    std::size_t events_max_;
    std::size_t bytes_max_;
    std::string open_sql_;
};

}  // namespace onceward::relay_core
