#include "relay/io/sessions.hpp"

namespace onceward::relay_core {

namespace {

const pg::settings common{{"search_path", "pg_catalog, pg_temp"},
                          {"statement_timeout", "30s"},
                          {"lock_timeout", "5s"},
                          {"idle_in_transaction_session_timeout", "5s"},
                          {"synchronous_commit", "on"},
                          {"enable_seqscan", "off"},
                          {"jit", "off"},
                          {"max_parallel_workers_per_gather", "0"}};

const pg::settings by_index{
    {"enable_bitmapscan", "off"}, {"enable_hashjoin", "off"}, {"enable_mergejoin", "off"}};

const pg::settings for_reading{{"enable_sort", "off"}, {"plan_cache_mode", "force_generic_plan"}};

const pg::settings for_marks{{"synchronous_commit", "off"}};

const pg::settings for_sampling{{"statement_timeout", "2s"}, {"lock_timeout", "200ms"}};

pg::settings joined(pg::settings first, const pg::settings& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

result<pg::connection> open_reader_session(const relay_options& options) {
    return pg::connection::open(options.database, joined(joined(common, by_index), for_reading));
}

result<pg::connection> open_cursor_session(const relay_options& options) {
    return pg::connection::open(options.database, joined(common, by_index));
}

result<pg::connection> open_mark_session(const relay_options& options) {
    return pg::connection::open(options.database, joined(common, for_marks));
}

result<pg::connection> open_sampler_session(const relay_options& options) {
    return pg::connection::open(options.database, joined(common, for_sampling));
}

}  // namespace onceward::relay_core
