#include "inbox/io/classify.hpp"

#include <gtest/gtest.h>
#include <pqxx/except>

#include "inbox/io/session.hpp"
#include "inbox/io/sql_text.hpp"
#include "onceward/handler.hpp"
#include "onceward/outbox.hpp"

namespace onceward::inbox_io {
namespace {

template <class E>
verdict verdict_on(E e) {
    return classify(std::make_exception_ptr(std::move(e))).next;
}

TEST(Classify, FollowsWhatAHandlerSays) {
    EXPECT_EQ(verdict_on(permanent_error{"no"}), verdict::rejected);
    EXPECT_EQ(verdict_on(transient_error{"later"}), verdict::transient);
    EXPECT_EQ(verdict_on(limit_exceeded{"too large"}), verdict::rejected);
    EXPECT_EQ(verdict_on(std::runtime_error{"what is this"}), verdict::rejected);
    EXPECT_EQ(verdict_on(std::bad_alloc{}), verdict::transient);
    EXPECT_EQ(verdict_on(42), verdict::rejected);
}

TEST(Classify, JudgesSqlErrorsByTheirState) {
    EXPECT_EQ(verdict_on(pqxx::sql_error{"", "", "23505"}), verdict::rejected);
    EXPECT_EQ(verdict_on(pqxx::sql_error{"", "", "22P02"}), verdict::rejected);
    EXPECT_EQ(verdict_on(pqxx::sql_error{"", "", "55P03"}), verdict::transient);
    EXPECT_EQ(verdict_on(pqxx::sql_error{"", "", "57P01"}), verdict::transient);
    EXPECT_EQ(verdict_on(pqxx::sql_error{"", "", nullptr}), verdict::transient);
}

TEST(Classify, KnowsTheExceptionsThatAreNoSqlErrors) {
    EXPECT_EQ(verdict_on(pqxx::serialization_failure{""}), verdict::transient);
    EXPECT_EQ(verdict_on(pqxx::deadlock_detected{""}), verdict::transient);
    EXPECT_EQ(verdict_on(pqxx::broken_connection{}), verdict::transient);
    EXPECT_EQ(verdict_on(pqxx::in_doubt_error{""}), verdict::in_doubt);
    EXPECT_EQ(verdict_on(pqxx::usage_error{""}), verdict::rejected);
}

TEST(Classify, NamesAHandlerThatSwallowedAnError) {
    const auto f = classify(std::make_exception_ptr(pqxx::sql_error{"aborted", "", "25P02"}));

    EXPECT_EQ(f.next, verdict::rejected);
    EXPECT_NE(f.message.find("went on after"), std::string::npos);
}

TEST(SqlText, HoldsNothingThatPostgresRefuses) {
    EXPECT_EQ(sql_text(std::string("a\0b\xff\n", 5), 100), "a\\x00b\\xff\n");
    EXPECT_EQ(sql_text("abcdef", 3), "abc");
    EXPECT_EQ(sql_bytes(std::string("\0\xa1", 2)), "\\x00a1");
    EXPECT_EQ(sql_bytes(std::nullopt), std::nullopt);
}

TEST(Conninfo, KeepsWhatTheUserSaysAndBoundsTheRest) {
    const auto uri = bounded_conninfo("postgresql://me@h:6432/d?connect_timeout=9", "billing");

    EXPECT_NE(uri.find("connect_timeout='9'"), std::string::npos);
    EXPECT_NE(uri.find("port='6432'"), std::string::npos);
    EXPECT_NE(uri.find("application_name='onceward-inbox billing'"), std::string::npos);
    EXPECT_NE(uri.find("tcp_user_timeout="), std::string::npos);
}

TEST(Conninfo, DoesNotRepeatABadStringThatMayHoldAPassword) {
    try {
        bounded_conninfo("postgresql://me:secret@[h", "billing");
        FAIL() << "accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace onceward::inbox_io
