#pragma once

/// @file
/// The cursor row of one shard: lease, position, state.

#include <memory>
#include <string>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

class pg_cursor_store final : public cursor_store {
public:
    /// @param session  Shared with the other stores, on the same thread.
    /// @param owner  Shown in the cursor row; unique to this process.
    pg_cursor_store(pg::connection& session, const relay_options& options, std::string owner);

    result<lease> acquire(const std::string& last_lease_id) override;
    result<done> store(const lease& held, const position& p) override;
    result<done> release(const lease& held) override;
    result<done> report(const lease& held, bool stopped, const std::string& reason) override;
    result<int> pin_partitions(const std::string& topic, int partitions) override;

private:
    result<done> one_row(result<pg::rows> answer) const;

    pg::connection& session_;
    std::string schema_;
    std::string shard_;
    std::string owner_;
    std::string ttl_ms_;
    std::string capture_;
    std::string acquire_sql_;
    std::string store_sql_;
};

}  // namespace onceward::relay_core
