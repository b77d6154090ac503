#include "onceward/once.hpp"

#include <algorithm>
#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "onceward/outbox.hpp"
#include "support/commit_proxy.hpp"
#include "support/test_database.hpp"

namespace onceward::test {
namespace {

using namespace std::chrono_literals;

constexpr auto no_wait = 0ms;

class Once : public testing::Test {
protected:
    /// One database for all, emptied for each.
    Once() {
        for (const char* sql :
             {"CREATE TABLE IF NOT EXISTS effect (n int)", "GRANT ALL ON effect TO onceward_app",
              "TRUNCATE effect, onceward.operation, onceward.outbox",
              "SELECT onceward.operation_retain(1)"})
            value(sql);
    }

    std::string value(const std::string& sql) { return value_of(db_, sql); }
    std::string effects() { return value("SELECT count(*) FROM effect"); }

    /// Leaves an effect and returns `result`.
    static std::function<std::string()> refund(pqxx::transaction_base& tx, std::string result) {
        return [&tx, result = std::move(result)] {
            tx.exec("INSERT INTO effect VALUES (1)");
            return result;
        };
    }

    /// The operation in a transaction of its own.
    once_result call(pqxx::connection& c, const std::string& id, const std::string& result,
                     const once_options& options = {}) {
        pqxx::work tx(c);
        auto answer = once(tx, "refund", id, refund(tx, result), options);
        tx.commit();
        return answer;
    }

    static const std::string& shared() {
        static const std::string one = migrated_database();
        return one;
    }

    const std::string& database_ = shared();
    pg::connection db_ = connect(database_);
    pqxx::connection service_{login_in(database_, "onceward_app")};
};

TEST_F(Once, TakesEffectOnceAndGivesTheStoredResultByteForByteAfterwards) {
    const std::string bytes("\0'\\x\xff\n", 6);
    for (const std::string& result : {bytes, std::string(), std::string(100'000, 'r')}) {
        const std::string id = "id-" + std::to_string(result.size());
        EXPECT_FALSE(call(service_, id, result).replayed);

        const auto again = call(service_, id, "another");

        EXPECT_TRUE(again.replayed);
        EXPECT_EQ(again.result, result);
    }
    EXPECT_EQ(effects(), "3");
}

TEST_F(Once, KeepsEffectResultAndEventTogetherOrNotAtAll) {
    for (const bool commits : {false, true}) {
        pqxx::work tx(service_);
        once(tx, "refund", "a", [&] {
            outbox().add(tx,
                         {.topic = "t", .key = {}, .type = "t", .payload = {}, .content_type = {}});
            return refund(tx, "done")();
        });
        if (commits) tx.commit();
        if (!commits) tx.abort();
        for (const char* table : {"effect", "onceward.operation", "onceward.outbox"})
            EXPECT_EQ(value(std::string("SELECT count(*) FROM ") + table), commits ? "1" : "0");
    }
}

TEST_F(Once, KnowsAnIdWithinItsScopeOnly) {
    pqxx::work tx(service_);

    EXPECT_FALSE(once(tx, "refund", "a", refund(tx, "1")).replayed);
    EXPECT_FALSE(once(tx, "payout", "a", refund(tx, "2")).replayed);
    EXPECT_EQ(once(tx, "payout", "a", refund(tx, "3")).result, "2");
}

TEST_F(Once, RefusesARepeatThatAsksForSomethingElseAndLeavesTheTransactionUsable) {
    call(service_, "a", "done", {.fingerprint = "5 euros to ann"});

    pqxx::work tx(service_);
    EXPECT_THROW(once(tx, "refund", "a", refund(tx, "x"), {.fingerprint = "6 euros to ann"}),
                 operation_mismatch);
    EXPECT_TRUE(
        once(tx, "refund", "a", refund(tx, "x"), {.fingerprint = "5 euros to ann"}).replayed);
    EXPECT_EQ(effects(), "1");
}

// Goal: however many ask at the same time, one effect and one answer.
// Method: 50 sessions; the first to run waits until all others have at least begun.
TEST_F(Once, GivesFiftyCallersAtTheSameTimeOneAnswerAndCausesOneEffect) {
    constexpr int callers = 50;
    std::latch begun(callers);
    std::vector<once_result> answers(callers);
    {
        std::vector<std::jthread> threads;
        for (int n = 0; n < callers; ++n) {
            threads.emplace_back([&, n] {
                pqxx::connection c(database_);
                pqxx::work tx(c);
                begun.count_down();
                answers[static_cast<std::size_t>(n)] = once(tx, "refund", "a", [&] {
                    begun.wait();
                    return refund(tx, std::to_string(n))();
                });
                tx.commit();
            });
        }
    }

    EXPECT_EQ(effects(), "1");
    EXPECT_EQ(std::ranges::count(answers, false, &once_result::replayed), 1);
    for (const auto& a : answers) EXPECT_EQ(a.result, answers.front().result);
}

/// Asks for an operation while another transaction is at it.
/// @return Whether it ran all the same.
bool ran_beside_another(const std::string& database, std::chrono::milliseconds wait) {
    pqxx::connection one(database);
    pqxx::connection two(database);
    pqxx::work first(one);
    pqxx::work second(two);
    second.exec("SET LOCAL lock_timeout = '200ms'");  // one that runs meets the first one's row
    bool ran = false;
    once(first, "refund", "a", [] { return ""; });
    try {
        once(second, "refund", "a",
             [&] {
                 ran = true;
                 return "";
             },
             {.wait = wait});
    } catch (const operation_in_flight&) {
        second.exec("SELECT 1");  // usable
    } catch (const pqxx::sql_error&) {
        EXPECT_TRUE(ran);
    }
    return ran;
}

TEST_F(Once, DoesNotRunBesideAnotherCallerWhoIsAtItHoweverLongItWaits) {
    EXPECT_FALSE(ran_beside_another(database_, no_wait));
    EXPECT_FALSE(ran_beside_another(database_, 20ms));
}

// The check above is tested: with a look that takes no lock it must fail.
TEST_F(Once, CheckThenInsertWithoutALockIsSeenToRunBesideAnother) {
    const std::string planted = migrated_database();
    auto owner = connect(planted);
    value_of(owner,
             "DO $$BEGIN EXECUTE replace(pg_get_functiondef('onceward.operation_begin'::regproc), "
             "'pg_try_advisory_xact_lock(v_lock)', 'true'); END$$");

    EXPECT_TRUE(ran_beside_another(planted, no_wait));
}

TEST_F(Once, RestoresTheCallersLockTimeoutAfterAWait) {
    pqxx::connection other(database_);
    pqxx::work first(other);
    pqxx::work second(service_);
    second.exec("SET LOCAL lock_timeout = '7s'");
    once(first, "refund", "a", [] { return ""; });
    std::jthread ends([&] { first.commit(); });

    EXPECT_TRUE(once(second, "refund", "a", refund(second, "x")).replayed);

    EXPECT_EQ(second.exec("SHOW lock_timeout")[0][0].as<std::string>(), "7s");
}

TEST_F(Once, LetsNoHalfOfAnEffectCommitWhenItsFunctionThrows) {
    pqxx::work tx(service_);
    EXPECT_THROW(once(tx, "refund", "a",
                      [&]() -> std::string {
                          refund(tx, "")();
                          throw std::logic_error("no money");
                      }),
                 std::logic_error);
    EXPECT_ANY_THROW({
        tx.exec("INSERT INTO effect VALUES (2)");
        tx.commit();
    });

    EXPECT_EQ(effects(), "0");
    EXPECT_FALSE(call(*std::make_unique<pqxx::connection>(database_), "a", "").replayed);
}

TEST_F(Once, RefusesATransactionInWhichItCannotKeepItsPromise) {
    {
        pqxx::transaction<pqxx::isolation_level::repeatable_read> old(service_);
        EXPECT_THROW(once(old, "refund", "a", refund(old, "")), pqxx::sql_error);
    }
    {
        pqxx::nontransaction autocommit(service_);
        EXPECT_THROW(once(autocommit, "refund", "a", [] { return ""; }), pqxx::sql_error);
    }
    EXPECT_EQ(value("SELECT count(*) FROM onceward.operation"), "0");
}

TEST_F(Once, RefusesNamesAndResultsBeyondTheirBounds) {
    pqxx::work tx(service_);
    EXPECT_THROW(once(tx, "", "a", refund(tx, "")), std::length_error);
    EXPECT_THROW(once(tx, "s", std::string(256, 'i'), refund(tx, "")), std::length_error);
    EXPECT_THROW(once(tx, "s", "a", refund(tx, ""), {.schema = "x; DROP"}), std::invalid_argument);
    EXPECT_NO_THROW(once(tx, "s", std::string(255, 'i'), refund(tx, std::string(1 << 20, 'r'))));
    EXPECT_THROW(once(tx, "s", "b", refund(tx, std::string((1 << 20) + 1, 'r'))),
                 std::length_error);
}

// Goal: a COMMIT whose reply was lost is decided by looking, whichever way it went.
// Method: a proxy cuts the connection in COMMIT, before or after the server has it.
TEST_F(Once, AskedAgainAfterACommitInDoubtKnowsWhatHasHappened) {
    using cut = commit_proxy::cut;
    commit_proxy proxy(
        server().socket_directory() / (".s.PGSQL." + std::to_string(server().port())),
        "operation_end");
    for (const auto how : {cut::before_the_server_has_it, cut::after_the_server_has_it}) {
        const bool arrived = how == cut::after_the_server_has_it;
        pqxx::connection cut_off(
            database_ + " host=127.0.0.1 sslmode=disable port=" + std::to_string(proxy.port()));
        const std::string id = arrived ? "arrived" : "lost";
        proxy.cut_next_commit(how);
        EXPECT_ANY_THROW(call(cut_off, id, "first"));

        const auto again = call(service_, id, "second");

        EXPECT_EQ(again.replayed, arrived);
        EXPECT_EQ(again.result, arrived ? "first" : "second");
    }
    EXPECT_EQ(proxy.cuts(), 2);
    EXPECT_EQ(effects(), "2");
}

// Goal: results are kept for the days that were asked for, and then give their disk space back.
// Method: rows are moved to the leaves of older days, since nobody can wait for those.
TEST_F(Once, ForgetsAResultWhenItsDaysAreOver) {
    const auto days_later = [&](int days) {
        value("UPDATE onceward.operation SET slot = (slot + 16 - " + std::to_string(days) +
              ") % 16");
        value("SELECT onceward.operation_clean()");
    };
    call(service_, "a", "first");
    days_later(1);
    EXPECT_TRUE(call(service_, "a", "second").replayed);

    value("SELECT onceward.operation_retain(13)");
    days_later(12);
    EXPECT_TRUE(call(service_, "a", "second").replayed);

    days_later(1);
    EXPECT_EQ(value("SELECT count(*) FROM onceward.operation"), "0");
    EXPECT_FALSE(call(service_, "a", "second").replayed);
}

TEST_F(Once, CleansNoLeafThatIsInUseAndWaitsForNobody) {
    call(service_, "a", "first");
    value("UPDATE onceward.operation SET slot = (slot + 8) % 16");
    pqxx::connection reader(database_);
    pqxx::work reads(reader);
    reads.exec("SELECT count(*) FROM onceward.operation");

    EXPECT_EQ(value("SELECT onceward.operation_clean()"), "0");
    reads.abort();
    EXPECT_EQ(value("SELECT onceward.operation_clean()"), "1");
}

TEST_F(Once, LooksOnlyIntoTheLeavesOfTheDaysThatAreKept) {
    pqxx::work tx(service_);
    once(tx, "refund", "a", refund(tx, ""));

    const auto locked = tx.exec(
        "SELECT count(DISTINCT c.oid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
        "WHERE l.pid = pg_backend_pid() AND c.relname ~ '^operation_[0-9]+$'");
    EXPECT_EQ(locked[0][0].as<int>(), 3);
}

}  // namespace
}  // namespace onceward::test
