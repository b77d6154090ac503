#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

constexpr const char* common =
    "SET search_path = pg_catalog, pg_temp; SET statement_timeout = '30s'; SET lock_timeout = "
    "'5s'; "
    "SET idle_in_transaction_session_timeout = '5s'; SET synchronous_commit = on; ";

constexpr const char* for_reading =
    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; SET jit = off; "
    "SET max_parallel_workers_per_gather = 0; SET plan_cache_mode = force_generic_plan";

}  // namespace

result<pg::connection> open_reader_session(const relay_options& options) {
    return pg::connection::open(options.database, std::string(common) + for_reading);
}

result<pg::connection> open_cursor_session(const relay_options& options) {
    return pg::connection::open(options.database, common);
}

}  // namespace onceward::relay_core
