#pragma once

/// @file
/// Dead letters and held topics in PostgreSQL.

#include <string>

#include "onceward/relay.hpp"
#include "pg/connection.hpp"
#include "relay/ports.hpp"

namespace onceward::relay_core {

class pg_aside_store final : public aside_store {
public:
    /// @param session  Shared with the cursor's store, on the same thread.
    pg_aside_store(pg::connection& session, const relay_options& options);

    result<exceptions> load() override;
    result<done> bury(const lease& held, const event_ref& event,
                      const std::string& reason) override;
    result<done> hold_topic(const lease& held, const std::string& topic,
                            const std::string& reason) override;
    result<std::size_t> hold(const lease& held, std::span<const event_ref> events) override;
    result<chunk> held(const std::string& topic, std::size_t events_max,
                       std::size_t bytes_max) override;
    result<std::size_t> count_held() override;
    result<done> unhold(const lease& held, std::span<const event_ref> events) override;
    result<done> release_topic(const lease& held, const std::string& topic) override;

private:
    result<pg::rows> run(const char* query, const lease& held,
                         std::initializer_list<pg::text_value> more);

    pg::connection& session_;
    std::string schema_;
    std::string shard_;
};

}  // namespace onceward::relay_core
