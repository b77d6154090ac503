#include "inbox/core/refusal.hpp"

#include <gtest/gtest.h>

namespace onceward::inbox_core {
namespace {

TEST(Refusal, BlamesTheMessageForWhatItsHandlerThrowsAndForItsData) {
    for (const char* origin :
         {"handler:permanent_error", "handler:exception", "handler:unknown", "sqlstate:22P02",
          "sqlstate:23505", "sqlstate:44000", "sqlstate:P0001"}) {
        EXPECT_EQ(fault_of(origin), fault::message) << origin;
    }
}

TEST(Refusal, BlamesTheEnvironmentForWhatTheNextMessageWouldMeetToo) {
    for (const char* origin :
         {"sqlstate:42501", "sqlstate:42P01", "sqlstate:25P02", "sqlstate:0A000", "sqlstate:99999",
          "inbox:trouble", "connection", ""}) {
        EXPECT_EQ(fault_of(origin), fault::environment) << origin;
    }
}

TEST(Refusal, NamesTheSqlstateWhereAStatementFailed) {
    EXPECT_EQ(sqlstate_of("sqlstate:23505"), "23505");
    EXPECT_EQ(sqlstate_of("handler:exception"), "");
}

}  // namespace
}  // namespace onceward::inbox_core
