#include "common.hpp"

#include <gtest/gtest.h>

namespace onceward::cli {
namespace {

TEST(ShellQuoting, KeepsAnyTextOneWord) {
    EXPECT_EQ(shell_quoted("a b"), "'a b'");
    EXPECT_EQ(shell_quoted("$HOME`x`"), "'$HOME`x`'");
    EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace onceward::cli
