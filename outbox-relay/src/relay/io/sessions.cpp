#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

constexpr const char* common =
    "SET search_path = pg_catalog, pg_temp; SET statement_timeout = '30s'; SET lock_timeout = "
    "'5s'; "
    "SET idle_in_transaction_session_timeout = '5s'; SET synchronous_commit = on; ";

constexpr const char* by_index =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; "
    "SET enable_mergejoin = off; SET jit = off; SET max_parallel_workers_per_gather = 0; ";

constexpr const char* for_reading =
    "SET enable_sort = off; SET plan_cache_mode = force_generic_plan";

constexpr const char* for_sampling =
    "SET statement_timeout = '2s'; SET lock_timeout = '200ms'; SET enable_seqscan = off; SET jit = "
    "off; SET max_parallel_workers_per_gather = 0";

}  // namespace

result<pg::connection> open_reader_session(const relay_options& options) {
    return pg::connection::open(options.database, std::string(common) + by_index + for_reading);
}

result<pg::connection> open_cursor_session(const relay_options& options) {
    return pg::connection::open(options.database, std::string(common) + by_index);
}

result<pg::connection> open_sampler_session(const relay_options& options) {
    return pg::connection::open(options.database, std::string(common) + for_sampling);
}

}  // namespace onceward::relay_core
