#include "pg/settings.hpp"

#include <gtest/gtest.h>

namespace onceward::pg {

TEST(Settings, AreOneStatementForATransactionOrASession) {
    const settings two{{"work_mem", "4MB"}, {"search_path", "pg_catalog, pg_temp"}};

    EXPECT_EQ(settings_sql(two, scope::transaction),
              "SELECT pg_catalog.set_config('work_mem', '4MB', true), "
              "pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)");
    EXPECT_EQ(settings_sql({{"jit", "off"}}, scope::session),
              "SELECT pg_catalog.set_config('jit', 'off', false)");
}

TEST(Settings, ThatAreNoneAreNoStatement) {
    EXPECT_EQ(settings_sql({}, scope::session), "");
}

TEST(Settings, KeepAQuoteWithinTheirValue) {
    EXPECT_EQ(settings_sql({{"application_name", "it's"}}, scope::session),
              "SELECT pg_catalog.set_config('application_name', 'it''s', false)");
}

}  // namespace onceward::pg
