#include <algorithm>
#include <atomic>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "guarded_server.hpp"
#include "onceward/outbox.hpp"
#include "support/commit_proxy.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

constexpr int many = 50;

class Guard : public testing::Test {
protected:
    /// One database for all, emptied for each.
    Guard() {
        for (const char* sql :
             {"CREATE TABLE IF NOT EXISTS effect (n int)", "GRANT ALL ON effect TO onceward_app",
              "TRUNCATE effect, onceward.operation, onceward.outbox"})
            value(sql);
    }

    std::string value(const std::string& sql) { return value_of(db_, sql); }
    std::string effects() { return value("SELECT count(*) FROM effect"); }

    /// Leaves an effect and an event and answers 201 with the number of the run.
    idempotency_guard::handler refund() {
        return [this](pqxx::transaction_base& tx, const auto&, httplib::Response& rs) {
            const auto run = std::to_string(++runs_);
            tx.exec("INSERT INTO effect VALUES (" + run + ")");
            outbox().add(tx, {.topic = "refunds",
                              .key = run,
                              .type = "refund.made",
                              .payload = run,
                              .content_type = ""});
            rs.status = 201;
            rs.set_header("Location", "/refunds/" + run);
            rs.set_content("run " + run, "text/plain");
        };
    }

    /// Answers as `refund` does, with `status`.
    idempotency_guard::handler answering(int status) {
        return [work = refund(), status](auto& tx, const auto& rq, httplib::Response& rs) {
            work(tx, rq, rs);
            rs.status = status;
        };
    }

    static bool replayed(const httplib::Response& r) {
        return r.get_header_value("Idempotent-Replayed") == "true";
    }

    static const std::string& shared() {
        static const std::string one = migrated_database();
        return one;
    }

    const std::string& database_ = shared();
    std::string service_ = login_in(database_, "onceward_app");
    pg::connection db_ = connect(database_);
    std::atomic<int> runs_ = 0;
};

TEST_F(Guard, GivesARepeatTheStoredResponseByteForByteAndMarksIt) {
    const std::string bytes("\0\xff\r\n\"", 5);
    guarded_server s(service_, [&](auto&, const auto&, httplib::Response& rs) {
        ++runs_;
        rs.status = 202;
        rs.set_content(bytes, "application/octet-stream");
        rs.set_header("Location", "/refunds/1");
        rs.set_header("Link", "</a>");
        rs.set_header("Link", "</b>");
        rs.set_header("Set-Cookie", "session=secret");
    });
    const auto first = s.post("\"a\"");
    EXPECT_FALSE(replayed(first));
    EXPECT_TRUE(first.has_header("Set-Cookie"));

    const auto again = s.post("a");

    EXPECT_TRUE(replayed(again));
    EXPECT_EQ(runs_, 1);
    EXPECT_EQ(again.status, 202);
    EXPECT_EQ(again.body, bytes);
    for (const char* name : {"Content-Type", "Location", "Link"}) {
        EXPECT_EQ(again.get_header_value(name), first.get_header_value(name)) << name;
        EXPECT_EQ(again.get_header_value_count(name), first.get_header_value_count(name)) << name;
    }
    EXPECT_FALSE(again.has_header("Set-Cookie"));
}

// Goal: of many at once one takes effect, the others are told to ask again, and then all agree.
// Method: the handler does not end before all others have been answered.
TEST_F(Guard, AnswersFiftyRequestsAtOnceByOneEffectAndEqualResponsesAfterRetries) {
    std::atomic<int> refused = 0;
    guarded_server s(service_, [&, work = refund()](auto& tx, const auto& rq, auto& rs) {
        EXPECT_TRUE(eventually([&] { return refused >= many - 1; }));
        work(tx, rq, rs);
    });

    const auto answers = at_once(many, [&] {
        auto answer = s.post("a");
        if (answer.status == 409) {
            EXPECT_EQ(answer.get_header_value("Retry-After"), "1");
            EXPECT_EQ(answer.get_header_value("Content-Type"), "application/problem+json");
            ++refused;
            EXPECT_TRUE(eventually([&] { return refused == many - 1; }));
            EXPECT_TRUE(eventually([&] { return (answer = s.post("a")).status != 409; }));
        }
        return answer;
    });

    EXPECT_EQ(refused, many - 1);
    EXPECT_EQ(effects(), "1");
    EXPECT_EQ(value("SELECT count(*) FROM onceward.outbox"), "1");
    for (const auto& a : answers) {
        EXPECT_EQ(a.status, 201);
        EXPECT_EQ(a.body, "run 1");
    }
    EXPECT_EQ(std::ranges::count_if(answers, replayed), many - 1);
}

// Goal: those who wait hold no connection. Method: 50 requests share 2 connections, and the handler
// keeps one of them until all have come.
TEST_F(Guard, WithAWaitGivesFiftyRequestsOneAnswerOverTwoConnections) {
    std::atomic<int> arrived = 0;
    guarded_server s(service_,
                     [&, work = refund()](auto& tx, const auto& rq, auto& rs) {
                         EXPECT_TRUE(eventually([&] { return arrived == many; }));
                         work(tx, rq, rs);
                     },
                     {.wait = 5s, .caller = [&](const auto&) {
                          ++arrived;
                          return "ann";
                      }});

    const auto answers = at_once(many, [&] { return s.post("a"); });

    EXPECT_EQ(effects(), "1");
    for (const auto& a : answers) {
        EXPECT_EQ(a.status, 201);
        EXPECT_EQ(a.body, "run 1");
    }
    EXPECT_EQ(std::ranges::count_if(answers, replayed), many - 1);
    EXPECT_FALSE(s.pool.lent_two_to_one());
}

TEST_F(Guard, RefusesAnotherRequestUnderTheSameKey) {
    guarded_server s(service_, refund());
    ASSERT_EQ(s.post("a", "5 euros").status, 201);

    EXPECT_EQ(s.post("a", "6 euros").status, 422);
    EXPECT_EQ(s.post("a", "5 euros", "/refunds?to=bob").status, 422);
    EXPECT_EQ(s.post("a", "5 euros").body, "run 1");
    EXPECT_EQ(effects(), "1");
}

TEST_F(Guard, CountsAChosenHeaderAsPartOfTheRequest) {
    guarded_server s(service_, refund(), {.request_headers = {"X-Currency"}});
    ASSERT_EQ(s.post("a", "5", "/refunds", {{"X-Currency", "EUR"}}).status, 201);

    EXPECT_EQ(s.post("a", "5", "/refunds", {{"X-Currency", "USD"}}).status, 422);
    EXPECT_EQ(s.post("a", "5", "/refunds", {{"X-Currency", "EUR"}}).status, 201);
}

TEST_F(Guard, KeepsEndpointsAndCallersApart) {
    guarded_server s(service_, refund(),
                     {.caller = [](const auto& rq) { return rq.get_header_value("X-User"); }});
    const httplib::Headers ann{{"X-User", "ann"}};
    const httplib::Headers bob{{"X-User", "bob"}};

    EXPECT_EQ(s.post("a", "", "/refunds", ann).body, "run 1");
    EXPECT_EQ(s.post("a", "", "/refunds", bob).body, "run 2");
    EXPECT_EQ(s.post("a", "", "/payouts", ann).body, "run 3");
    EXPECT_EQ(s.post("a", "", "/refunds", ann).body, "run 1");
}

TEST_F(Guard, StoresARefusalButNothingThatAsksForAnotherTry) {
    guarded_server refuses(service_, answering(404));
    EXPECT_EQ(refuses.post("refused").body, "run 1");
    EXPECT_TRUE(replayed(refuses.post("refused")));
    EXPECT_EQ(effects(), "1");

    for (const int status : {500, 503, 429}) {
        guarded_server s(service_, answering(status));
        const auto first = s.post("later");
        EXPECT_EQ(first.status, status);
        EXPECT_NE(s.post("later").body, first.body);
    }
    EXPECT_EQ(effects(), "1");  // what they did was rolled back
    guarded_server works(service_, refund());
    EXPECT_EQ(works.post("later").status, 201);
}

TEST_F(Guard, StoresNothingOfAHandlerThatThrewOrHidAFailedStatement) {
    guarded_server throws(service_, [work = refund()](auto& tx, const auto& rq, auto& rs) {
        work(tx, rq, rs);
        throw std::runtime_error("no money");
    });
    guarded_server hides(service_, [work = refund()](auto& tx, const auto& rq, auto& rs) {
        work(tx, rq, rs);
        try {
            tx.exec("SELECT 1/0");
        } catch (const pqxx::sql_error&) {
        }
    });
    for (const auto* s : {&throws, &hides}) {
        EXPECT_EQ(s->post("a").status, 500);
        EXPECT_EQ(s->post("").status, 500);
    }
    EXPECT_EQ(effects(), "0");
    EXPECT_EQ(guarded_server(service_, refund()).post("a").status, 201);
}

TEST_F(Guard, HandlesARequestWithoutAKeyEachTimeUnlessOneIsRequired) {
    guarded_server s(service_, refund());
    EXPECT_EQ(s.post("").body, "run 1");
    EXPECT_EQ(s.post("").body, "run 2");
    EXPECT_EQ(effects(), "2");

    guarded_server strict(service_, refund(), {.required = true});
    EXPECT_EQ(strict.post("").status, 400);
    EXPECT_EQ(strict.post("a").status, 201);
}

TEST_F(Guard, RefusesWhatItCannotReadAsOneRequestUnderOneKey) {
    guarded_server s(service_, refund());
    EXPECT_EQ(s.post("\"open").status, 400);
    EXPECT_EQ(s.post("a", "{}", "/refunds", {{"Idempotency-Key", "b"}}).status, 400);
    EXPECT_EQ(runs_, 0);
}

// Goal: what a COMMIT without a reply has done is looked up, whichever way it went.
// Method: a proxy cuts the connection in COMMIT, before or after the server has it.
TEST_F(Guard, LooksUpWhatACommitInDoubtHasDone) {
    using cut = commit_proxy::cut;
    commit_proxy proxy(
        server().socket_directory() / (".s.PGSQL." + std::to_string(server().port())),
        "operation_end");
    guarded_server s(
        service_ + " host=127.0.0.1 sslmode=disable port=" + std::to_string(proxy.port()), refund(),
        {}, 1);

    proxy.cut_next_commit(cut::after_the_server_has_it);
    EXPECT_EQ(s.post("arrived").body, "run 1");
    EXPECT_EQ(effects(), "1");

    proxy.cut_next_commit(cut::before_the_server_has_it);
    EXPECT_EQ(s.post("lost").body, "run 3");  // run 2 has left nothing
    EXPECT_EQ(effects(), "2");
    EXPECT_EQ(proxy.cuts(), 2);
    EXPECT_EQ(s.post("lost").body, "run 3");
}

TEST_F(Guard, GivesBackTheDiskSpaceOfOldAnswers) {
    EXPECT_EQ(guarded_server(service_, refund()).post("old").status, 201);
    value("UPDATE onceward.operation SET slot = (slot + 8) % 16");

    EXPECT_EQ(guarded_server(service_, refund()).post("new").status, 201);

    EXPECT_EQ(value("SELECT string_agg(operation_id, ',') FROM onceward.operation"), "new");
}

TEST_F(Guard, RefusesOptionsThatAreOutOfRange) {
    const auto lend = [](const auto&) {};
    EXPECT_THROW(idempotency_guard(lend, {.schema = "x; DROP"}), std::invalid_argument);
    EXPECT_THROW(idempotency_guard(lend, {.wait = 61s}), std::invalid_argument);
    EXPECT_THROW(idempotency_guard(lend, {.retry_after = -1s}), std::invalid_argument);
    idempotency_guard good(lend);
    EXPECT_THROW(good.protect("a|b", refund()), std::invalid_argument);
}

}  // namespace
}  // namespace onceward::test
