#include <string_view>

#include <gtest/gtest.h>

#include "pg/verdict.hpp"

namespace onceward::pg {
namespace {

struct row {
    std::string_view sqlstate;
    verdict expected;
    const char* what;
};

constexpr row rows[] = {
    {"", verdict::transient, "the connection is gone"},
    {"08006", verdict::transient, "connection failure"},
    {"40001", verdict::transient, "serialization failure"},
    {"40P01", verdict::transient, "deadlock"},
    {"53100", verdict::transient, "disk full"},
    {"53300", verdict::transient, "too many connections"},
    {"55006", verdict::transient, "object in use"},
    {"55P03", verdict::transient, "lock not available"},
    {"57014", verdict::transient, "statement timeout"},
    {"57P01", verdict::transient, "administrator ended the session"},
    {"57P02", verdict::transient, "the server crashed"},
    {"57P03", verdict::transient, "the server starts up"},
    {"58030", verdict::transient, "I/O error"},
    {"XX000", verdict::transient, "internal error"},
    {"25006", verdict::transient, "read-only: a failover is going on"},
    {"25P03", verdict::transient, "idle in transaction for too long"},
    {"57P04", verdict::fatal, "the database was dropped"},
    {"28P01", verdict::fatal, "wrong password"},
    {"28000", verdict::fatal, "no such role"},
    {"3D000", verdict::fatal, "no such database"},
    {"3F000", verdict::fatal, "no such schema"},
    {"42501", verdict::fatal, "no permission"},
    {"42P01", verdict::fatal, "no such table"},
    {"42883", verdict::fatal, "no such function"},
    {"42703", verdict::fatal, "no such column"},
    {"55P02", verdict::fatal, "a parameter that cannot be changed"},
    {"23505", verdict::rejected, "unique violation"},
    {"23514", verdict::rejected, "check violation"},
    {"22001", verdict::rejected, "value too long"},
    {"42601", verdict::rejected, "syntax error"},
    {"P0001", verdict::rejected, "raised by a function"},
};

TEST(PgVerdict, SaysWhatTheCallerDoesNext) {
    for (const auto& r : rows) {
        EXPECT_EQ(verdict_of(r.sqlstate), r.expected) << r.sqlstate << " " << r.what;
    }
}

}  // namespace
}  // namespace onceward::pg
