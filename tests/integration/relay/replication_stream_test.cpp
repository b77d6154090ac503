#include "relay/io/replication_stream.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "relay/core/outbox_decoder.hpp"
#include "support/eventually.hpp"
#include "support/test_database.hpp"

namespace onceward::relay_core {
namespace {

using namespace std::chrono_literals;
using test::value_of;

/// An outbox whose publication is streamed from the beginning.
class ReplicationStream : public testing::Test {
protected:
    ReplicationStream() {
        value_of(db_, "SELECT pg_create_logical_replication_slot('" + slot_ + "', 'pgoutput')");
    }
    ~ReplicationStream() override {
        stream_.reset();
        const bool ended = test::eventually([&] { return slot("active") == "false"; });
        EXPECT_TRUE(ended);
        value_of(db_, "SELECT pg_drop_replication_slot('" + slot_ + "')");
    }

    std::string slot(const std::string& column) {
        return value_of(db_, "SELECT " + column +
                                 "::text FROM pg_replication_slots "
                                 "WHERE slot_name = '" +
                                 slot_ + "'");
    }
    void open() {
        auto made = replication_stream::open(database_,
                                             {.slot = slot_, .publication = "onceward", .from = 0});
        ASSERT_TRUE(made) << made.error().message;
        stream_ = std::make_unique<replication_stream>(std::move(*made));
    }
    void add(const std::string& type, const std::string& payload = "'1'") {
        value_of(db_, "SELECT onceward.add('orders', 'k', '" + type + "', to_jsonb(" + payload +
                          "::text))");
    }

    /// Reads until a transaction with an event of this type is complete.
    /// @return The types that were seen, in order.
    std::vector<std::string> read_until(const std::string& last) {
        std::vector<std::string> types;
        const auto complete = [&] {
            return !types.empty() && types.back() == last && !decoder_.in_transaction();
        };
        const bool came = test::eventually([&] {
            while (!complete() && read_one(types)) {
            }
            return complete() || broken_;
        });
        EXPECT_TRUE(came && !broken_);
        return types;
    }

    std::string database_ = test::migrated_database();
    pg::connection db_ = test::connect(database_);
    std::string slot_ = "stream_" + value_of(db_,
                                             "SELECT oid FROM pg_database "
                                             "WHERE datname = current_database()");
    std::unique_ptr<replication_stream> stream_;
    outbox_decoder decoder_{"onceward", "onceward"};
    std::size_t largest_ = 0;  ///< Payload that was seen.
    lsn committed_ = 0;        ///< Where the last transaction ends.
    bool broken_ = false;

private:
    bool read_one(std::vector<std::string>& types) {
        auto m = stream_->next(10ms);
        if (!m) return fail(m.error());
        if (!*m) return false;
        arena memory;
        auto d = decoder_.take(**m, memory);
        if (!d) return fail(d.error());
        if (const auto* row = std::get_if<decoded_row>(&*d)) {
            types.emplace_back(row->event.type);
            largest_ = std::max(largest_, row->event.payload->size());
        } else if (const auto* c = std::get_if<decoded_commit>(&*d)) {
            committed_ = c->end_lsn;
        }
        return true;
    }
    bool fail(const failure& why) {
        ADD_FAILURE() << why.message;
        broken_ = true;
        return false;
    }
};

TEST_F(ReplicationStream, BringsEventsInTheOrderOfTheirCommits) {
    open();
    auto early = test::connect(database_);
    value_of(early, "BEGIN");
    value_of(early, "SELECT onceward.add('orders', 'k', 'began-first', '1')");
    add("committed-first");
    value_of(early, "COMMIT");
    add("last");

    EXPECT_EQ(read_until("last"),
              (std::vector<std::string>{"committed-first", "began-first", "last"}));
}

TEST_F(ReplicationStream, BringsNothingOfWhatIsRolledBack) {
    open();
    value_of(db_, "BEGIN");
    add("never");
    value_of(db_, "ROLLBACK");
    value_of(db_, "BEGIN");
    add("kept");
    value_of(db_, "SAVEPOINT s");
    add("not-kept");
    value_of(db_, "ROLLBACK TO s");
    add("kept-too");
    value_of(db_, "COMMIT");

    EXPECT_EQ(read_until("kept-too"), (std::vector<std::string>{"kept", "kept-too"}));
}

// The row has the id of the whole transaction, by which snapshots see it, also in a savepoint.
TEST_F(ReplicationStream, BringsASubtransactionsRowUnderTheWholeTransactionsId) {
    open();
    value_of(db_, "BEGIN");
    const std::string xid = value_of(db_, "SELECT pg_current_xact_id()::text");
    value_of(db_, "SAVEPOINT s");
    add("in-savepoint");
    value_of(db_, "RELEASE s");
    value_of(db_, "COMMIT");

    arena memory;
    std::string found;
    ASSERT_TRUE(test::eventually([&] {
        for (auto m = stream_->next(10ms); m && *m; m = stream_->next(10ms)) {
            auto d = decoder_.take(**m, memory);
            if (!d) return false;
            if (const auto* row = std::get_if<decoded_row>(&*d)) found = std::to_string(row->xid);
        }
        return !found.empty();
    }));
    EXPECT_EQ(found, xid);
}

TEST_F(ReplicationStream, BringsALargeTransactionAndLargeEvents) {
    open();
    value_of(db_, "BEGIN");
    value_of(db_,
             "SELECT count(onceward.add('orders', 'k', 'one-of-many', '1')) "
             "FROM generate_series(1, 3000)");
    add("large", "repeat(md5(random()::text), 20000)");
    value_of(db_, "COMMIT");

    const auto types = read_until("large");

    EXPECT_EQ(types.size(), 3'001U);
    EXPECT_GT(largest_, 600'000U) << "stored out of line, brought whole";
}

// Cleaning truncates leaves; rows that were in them are in the WAL all the same.
TEST_F(ReplicationStream, BringsEventsOfALeafThatWasTruncatedMeanwhile) {
    add("in-the-leaf");
    value_of(db_,
             "DO $$ BEGIN FOR i IN 0..15 LOOP EXECUTE format('TRUNCATE onceward.outbox_%s', i); "
             "END LOOP; END $$");
    add("behind-it");
    open();

    EXPECT_EQ(read_until("behind-it"), (std::vector<std::string>{"in-the-leaf", "behind-it"}));
}

TEST_F(ReplicationStream, GoesOnBehindWhatWasConfirmed) {
    open();
    add("first");
    read_until("first");

    stream_->confirm(committed_);
    ASSERT_TRUE(stream_->keep_alive());
    ASSERT_TRUE(
        test::eventually([&] { return parse_lsn(slot("confirmed_flush_lsn")) == committed_; }));
    stream_.reset();
    add("second");
    ASSERT_TRUE(test::eventually([&] { return slot("active") == "false"; }));
    open();

    EXPECT_EQ(read_until("second"), std::vector<std::string>{"second"});
}

TEST_F(ReplicationStream, BringsAgainWhatWasNotConfirmed) {
    open();
    add("first");
    read_until("first");
    stream_.reset();
    add("second");
    ASSERT_TRUE(test::eventually([&] { return slot("active") == "false"; }));
    open();

    EXPECT_EQ(read_until("second"), (std::vector<std::string>{"first", "second"}));
}

// Other tables' WAL moves the stream on, so that the slot of an idle outbox holds none back.
TEST_F(ReplicationStream, TellsHowFarTheServerHasLookedWhereNothingComes) {
    open();
    add("first");
    read_until("first");
    value_of(db_, "CREATE TABLE another AS SELECT generate_series(1, 1000) AS n");
    const lsn now = parse_lsn(value_of(db_, "SELECT pg_current_wal_flush_lsn()::text"));

    EXPECT_TRUE(test::eventually([&] {
        auto m = stream_->next(10ms);
        return m && !*m && stream_->looked_at() >= now;
    }));
}

// Goal: a server ends a stream whose reader is silent, but not that of a slow consumer. Method: the
// server's patience is a second; the reader has much to read, reads nothing for longer than that,
// and only keeps the stream alive; the one who does not even do that loses it.
TEST_F(ReplicationStream, LivesOnWhileItsReaderDoesNotWantToRead) {
    value_of(db_,
             "SELECT count(onceward.add_bytes('orders', 'k', 'many', "
             "decode(repeat('00', 50000), 'hex'), NULL)) FROM generate_series(1, 200)");
    add("last");
    value_of(db_,
             "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET wal_sender_timeout = 1000', "
             "current_database()); END $$");
    open();
    const auto opened = std::chrono::steady_clock::now();

    ASSERT_TRUE(test::eventually([&] {
        return !stream_->keep_alive() || std::chrono::steady_clock::now() > opened + 2500ms;
    }));

    EXPECT_EQ(read_until("last").size(), 201U);
    EXPECT_TRUE(test::eventually([&] { return slot("active") == "false"; }))
        << "who is silent is taken for dead";
}

TEST_F(ReplicationStream, HasASlotForItselfAlone) {
    open();

    const auto second =
        replication_stream::open(database_, {.slot = slot_, .publication = "onceward", .from = 0});

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().next, verdict::transient);
    EXPECT_EQ(second.error().origin, "sqlstate:55006");
}

TEST_F(ReplicationStream, FailsWhenTheServerEndsIt) {
    open();

    value_of(db_, "SELECT pg_terminate_backend(" + slot("active_pid") + ")");

    failure why;
    ASSERT_TRUE(test::eventually([&] {
        auto m = stream_->next(10ms);
        if (!m) why = m.error();
        return !m;
    }));
    EXPECT_EQ(why.next, verdict::transient);
}

// What a publication sends beyond inserts stands for one that may leave out events as well.
TEST_F(ReplicationStream, IsRefusedWhenThePublicationSendsMoreThanInserts) {
    value_of(db_, "ALTER PUBLICATION onceward SET (publish = 'insert, truncate')");
    open();
    add("first");
    read_until("first");
    value_of(db_, "TRUNCATE onceward.outbox");

    failure why;
    ASSERT_TRUE(test::eventually([&] {
        arena memory;
        auto m = stream_->next(10ms);
        if (!m || !*m) return false;
        auto d = decoder_.take(**m, memory);
        if (!d) why = d.error();
        return !d;
    }));
    EXPECT_EQ(why.next, verdict::fatal);
    EXPECT_NE(why.message.find("more than inserts"), std::string::npos);
}

}  // namespace
}  // namespace onceward::relay_core
