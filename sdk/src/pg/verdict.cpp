#include "pg/verdict.hpp"

#include <array>

namespace onceward::pg {

namespace {

struct row {
    std::string_view prefix;  // of an SQLSTATE: a class or a whole code
    verdict next;
};

// The longest matching prefix decides; longer prefixes stand first.
constexpr std::array table{
    row{"57014", verdict::transient},  // query_canceled: a timeout of ours
    row{"57P04", verdict::fatal},      // database_dropped
    row{"55P03", verdict::transient},  // lock_not_available
    row{"55006", verdict::transient},  // object_in_use
    row{"55P02", verdict::fatal},      // cant_change_runtime_param
    row{"25006", verdict::transient},  // read_only_sql_transaction: failover in progress
    row{"25P03", verdict::transient},  // idle_in_transaction_session_timeout
    row{"08", verdict::transient},     // connection exceptions
    row{"40", verdict::transient},     // serialization failure, deadlock
    row{"53", verdict::transient},     // out of connections, memory, disk
    row{"57", verdict::transient},     // operator intervention: shutdown, restart
    row{"58", verdict::transient},     // I/O errors of the server
    row{"XX", verdict::transient},     // internal errors of the server
    row{"28", verdict::fatal},         // invalid authorization
    row{"3D", verdict::fatal},         // no such database
    row{"3F", verdict::fatal},         // no such schema
    row{"42501", verdict::fatal},      // no permission
    row{"42P01", verdict::fatal},      // no such table: not migrated
    row{"42883", verdict::fatal},      // no such function: not migrated
    row{"42703", verdict::fatal},      // no such column: schema too old
};

}  // namespace

verdict verdict_of(std::string_view sqlstate) {
    if (sqlstate.empty()) return verdict::transient;
    for (const auto& r : table) {
        if (sqlstate.starts_with(r.prefix)) return r.next;
    }
    return verdict::rejected;
}

}  // namespace onceward::pg
