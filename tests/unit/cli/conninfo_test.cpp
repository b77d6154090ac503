#include "conninfo.hpp"

#include <gtest/gtest.h>

namespace onceward::cli {
namespace {

TEST(Conninfo, ShowsItsPasswordInEveryForm) {
    EXPECT_TRUE(holds_password("postgresql://me:secret@db/shop"));
    EXPECT_TRUE(holds_password("postgres://db/shop?password=secret"));
    EXPECT_TRUE(holds_password("host=db user=me password='se cret'"));
}

TEST(Conninfo, HoldsNoPasswordWhereThereIsNone) {
    EXPECT_FALSE(holds_password(""));
    EXPECT_FALSE(holds_password("postgresql://me@db/shop"));
    EXPECT_FALSE(holds_password("host=db user=me passfile=/home/me/.pgpass"));
    EXPECT_FALSE(holds_password("no conninfo at all"));
}

TEST(Conninfo, TakesAPasswordAndKeepsAllElse) {
    EXPECT_EQ(with_password("", "pass"), "password='pass'");
    EXPECT_EQ(with_password("service=orders", "a'b\\c"), "password='a\\'b\\\\c' service='orders'");
    EXPECT_EQ(with_password("postgresql://me:old@db1:1,db2:2/shop?sslmode=require", "new"),
              "dbname='shop' host='db1,db2' password='new' port='1,2' sslmode='require' user='me'");
}

TEST(Conninfo, StaysAsItIsWhereItCannotBeRead) {
    EXPECT_EQ(with_password("no conninfo at all", "x"), "no conninfo at all");
}

TEST(Conninfo, IsShownWithoutItsPassword) {
    EXPECT_EQ(masked("postgresql://me:s3cret@db/shop"), "postgresql://me:********@db/shop");
    EXPECT_EQ(masked("postgres://me:s%40cr%2Fet@db1:1,db2:2/shop?sslmode=require"),
              "postgres://me:********@db1:1,db2:2/shop?sslmode=require");
    EXPECT_EQ(masked("postgresql://db/shop?user=me&password=s3cret&sslmode=require"),
              "postgresql://db/shop?user=me&password=********&sslmode=require");
    EXPECT_EQ(masked("postgresql://db/shop?sslpassword=s3cret"),
              "postgresql://db/shop?sslpassword=********");
    EXPECT_EQ(masked("host=db password='se cr\\'et'"), "host='db' password='********'");
}

TEST(Conninfo, IsShownAsItIsWithoutAPassword) {
    for (const char* text : {"", "service=orders", "postgresql://me@db/shop", "postgresql:///shop",
                             "postgresql://[::1]:5432/shop", "host=db  user=me"}) {
        EXPECT_EQ(masked(text), text);
    }
}

TEST(Conninfo, IsNotShownAtAllWhereItCannotBeRead) {
    EXPECT_EQ(masked("password=half 'quoted"), "********");
    EXPECT_EQ(masked("postgresql://me:s3cret@db:port:more/x?nonsense=1"), "********");
}

}  // namespace
}  // namespace onceward::cli
