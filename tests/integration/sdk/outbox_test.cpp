#include "onceward/outbox.hpp"

#include <thread>

#include <gtest/gtest.h>
#include <pqxx/pqxx>

#include "core/header_codec.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::test {

namespace {

event plain_event() {
    return {.topic = "orders", .key = "k", .type = "t", .payload = "p", .content_type = ""};
}

}  // namespace

class Outbox : public testing::Test {
protected:
    std::string value(const std::string& sql) { return value_of(db_, sql); }

    std::string database_ = migrated_database();
    pg::connection db_ = connect(database_);
    pqxx::connection service_{database_};
};

TEST_F(Outbox, HoldsTheEventOnceTheTransactionHasCommitted) {
    pqxx::work tx(service_);
    const auto id = outbox().add(tx, plain_event());
    EXPECT_EQ(value("SELECT count(*) FROM onceward.outbox"), "0");

    tx.commit();

    EXPECT_EQ(value("SELECT id FROM onceward.outbox"), id.to_string());
}

TEST_F(Outbox, KeepsEveryFieldWhateverCharactersAreInIt) {
    service_.set_variable("standard_conforming_strings", "off");
    service_.set_variable("client_encoding", "'LATIN1'");
    service_.set_variable("backslash_quote", "on");
    event e = plain_event();
    e.key = std::string("'\\x\0\xff", 5);
    e.type = "it's \\' $1 {}";
    e.payload = std::string("\\'\"\0\n", 5);
    e.content_type = "text/plain; charset='x\\'";
    e.headers = {{"quote'\\", "a'b\\c\"d\n\xc3\xa4"}, {"raw", std::string("\x80\0", 2)}};
    {
        pqxx::work tx(service_);
        outbox().add(tx, e);
        tx.commit();
    }

    EXPECT_EQ(value("SELECT encode(key, 'hex') FROM onceward.outbox"), "275c7800ff");
    EXPECT_EQ(value("SELECT type FROM onceward.outbox"), e.type);
    EXPECT_EQ(value("SELECT encode(payload, 'hex') FROM onceward.outbox"), "5c2722000a");
    EXPECT_EQ(value("SELECT content_type FROM onceward.outbox"), e.content_type);
    EXPECT_EQ(decode_headers(value("SELECT headers FROM onceward.outbox")), e.headers);
}

TEST_F(Outbox, NumbersABatchInItsOrder) {
    std::vector<event> events(200, plain_event());
    for (std::size_t i = 0; i < events.size(); ++i) events[i].payload = std::to_string(i);
    {
        pqxx::work tx(service_);
        const auto ids = outbox().add(tx, events);
        EXPECT_EQ(ids.size(), events.size());
        EXPECT_TRUE(outbox().add(tx, std::span<const event>{}).empty());
        tx.commit();
    }

    EXPECT_EQ(value("SELECT count(*) FROM (SELECT convert_from(payload, 'UTF8')::int AS n, "
                    "row_number() OVER (ORDER BY seq) - 1 AS place FROM onceward.outbox) x WHERE n "
                    "= place"),
              "200");
}

TEST_F(Outbox, ABrokenLimitLeavesTheTransactionUsable) {
    pqxx::work tx(service_);
    event too_large = plain_event();
    too_large.payload = std::string(payload_bytes_max + 1, 'x');

    EXPECT_THROW(outbox().add(tx, too_large), limit_exceeded);
    try {
        outbox().add(tx, std::vector<event>{plain_event(), too_large});
        FAIL() << "a batch with a broken limit was added";
    } catch (const limit_exceeded& e) {
        EXPECT_NE(std::string(e.what()).find("event 2 of 2"), std::string::npos) << e.what();
    }

    outbox().add(tx, plain_event());
    tx.commit();
    EXPECT_EQ(value("SELECT count(*) FROM onceward.outbox"), "1");
}

// A service that swallows an error has lost its transaction, with libpqxx 6 without noticing: what
// it does next would commit by itself.
TEST_F(Outbox, AddsNothingToATransactionThatAnErrorHasEnded) {
    {
        pqxx::work tx(service_);
        EXPECT_THROW(tx.exec("SELECT 1 / 0"), pqxx::failure);
        EXPECT_ANY_THROW(outbox().add(tx, plain_event()));
    }
    {
        pqxx::work tx(service_);
        EXPECT_THROW(tx.exec_params("SELECT 1 / $1::int", 0), pqxx::failure);
        EXPECT_ANY_THROW(outbox().add(tx, plain_event()));
    }
    EXPECT_EQ(value("SELECT count(*) FROM onceward.outbox"), "0");
}

TEST_F(Outbox, SerializeMakesTheSecondTransactionOnAKeyWaitForTheFirst) {
    const outbox serialized({.serialize = true});
    pqxx::work first(service_);
    serialized.add(first, plain_event());
    std::jthread second([&] {
        pqxx::connection other(database_);
        pqxx::work tx(other);
        serialized.add(tx, plain_event());
        tx.commit();
    });
    ASSERT_TRUE(eventually([&] {
        return value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") ==
               "1";
    }));

    first.commit();
    second.join();

    EXPECT_EQ(value("SELECT count(*) FROM onceward.outbox"), "2");
}

TEST_F(Outbox, AcceptsAPlainSchemaNameOnly) {
    EXPECT_THROW(outbox({.schema = "a; DROP TABLE x"}), std::invalid_argument);
    EXPECT_THROW(outbox({.schema = ""}), std::invalid_argument);
    EXPECT_NO_THROW(outbox({.schema = "app_outbox"}));
}

}  // namespace onceward::test
