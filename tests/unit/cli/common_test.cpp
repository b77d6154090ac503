#include "common.hpp"

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

TEST(ShellQuoting, KeepsAnyTextOneWord) {
    EXPECT_EQ(shell_quoted("a b"), "'a b'");
    EXPECT_EQ(shell_quoted("$HOME`x`"), "'$HOME`x`'");
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace onceward::cli
