#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "pg/connection.hpp"

namespace onceward::pg {
namespace {

TEST(CheckedIdentifier, LetsPlainNamesPass) {
    for (const std::string& name :
         {std::string("onceward"), std::string("_a1"), std::string("a"), std::string(63, 'a')}) {
        EXPECT_EQ(checked_identifier(name), name);
    }
}

TEST(CheckedIdentifier, RefusesWhatWouldNeedQuotes) {
    for (const std::string& name :
         {std::string(), std::string("1a"), std::string("Shop"), std::string("a-b"),
          std::string("a.b"), std::string("a\""), std::string("a;drop table x"), std::string("a b"),
          std::string("\xc3\xa9"), std::string("a\0b", 3), std::string(64, 'a')}) {
        EXPECT_THROW(checked_identifier(name), std::invalid_argument) << name;
    }
}

struct rewrite {
    const char* sql;
    const char* expected;
};

constexpr rewrite rewrites[] = {
    {"SELECT FROM onceward.outbox", "SELECT FROM shop.outbox"},
    {"CREATE SCHEMA onceward;", "CREATE SCHEMA shop;"},
    {"CREATE SCHEMA onceward", "CREATE SCHEMA shop"},
    {"to_regclass('onceward.' || t)", "to_regclass('shop.' || t)"},
    {"onceward.a, onceward.b", "shop.a, shop.b"},
    {"onceward", "shop"},
    {"GRANT x TO onceward_app", "GRANT x TO onceward_app"},
    {"LIKE 'onceward-%'", "LIKE 'onceward-%'"},
    {"my_onceward.t", "my_onceward.t"},
    {"SELECT 1", "SELECT 1"},
    {"", ""},
};

TEST(ForSchema, RenamesTheSchemaAndNothingElse) {
    for (const auto& r : rewrites) EXPECT_EQ(for_schema(r.sql, "shop"), r.expected);
}

TEST(ForSchema, LeavesTheTextForTheDefaultSchema) {
    for (const auto& r : rewrites) EXPECT_EQ(for_schema(r.sql, "onceward"), r.sql);
}

TEST(ForSchema, TakesANameThatContainsTheDefaultOne) {
    EXPECT_EQ(for_schema("onceward.a onceward.b", "onceward2"), "onceward2.a onceward2.b");
}

TEST(ForSchema, RefusesAnInjection) {
    EXPECT_THROW(for_schema("SELECT 1", "x; DROP TABLE y"), std::invalid_argument);
}

}  // namespace
}  // namespace onceward::pg
