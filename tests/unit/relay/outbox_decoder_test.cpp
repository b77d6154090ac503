#include "relay/core/outbox_decoder.hpp"

#include <random>

#include <gtest/gtest.h>

#include "pgoutput_golden.hpp"
#include "relay/core/bucket.hpp"

namespace onceward::relay_core {
namespace {

/// A decoder and the memory of its events.
struct decoding {
    outbox_decoder decoder{"onceward", "onceward"};
    arena memory;

    result<decoded> take(const std::string& message) { return decoder.take(message, memory); }
    void take_all(std::initializer_list<std::string> messages) {
        for (const auto& m : messages) {
            const auto r = take(m);
            EXPECT_TRUE(r) << r.error().message;
        }
    }
    /// Why `message` is refused; empty when it is not.
    std::string refusal(const std::string& message) {
        const auto r = take(message);
        return r ? "" : r.error().message;
    }
};

std::string replaced(std::string in, const std::string& what, const std::string& by) {
    const auto at = in.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return in.replace(at, what.size(), by);
}

TEST(OutboxDecoder, MakesAnEventOfARow) {
    decoding d;
    d.take_all({golden::begin, golden::outbox, golden::leaf});

    const auto r = d.take(golden::placed);

    ASSERT_TRUE(r) << r.error().message;
    const auto& row = std::get<decoded_row>(*r);
    EXPECT_EQ(row.xid, 739U);
    EXPECT_EQ(row.event.seq, 2);
    EXPECT_EQ(row.event.created_ms, 1'795'730'294'951);
    EXPECT_EQ(std::string(row.event.id.begin(), row.event.id.end()),
              from_hex("01a219ddc8a77c28ac2601682f648315"));
    EXPECT_EQ(row.event.topic, "orders");
    EXPECT_EQ(row.event.type, "order.placed");
    EXPECT_EQ(row.event.key, "ann");
    EXPECT_EQ(row.event.payload, std::string_view("\0\xff", 2));
    EXPECT_EQ(row.event.content_type, "text/plain");
    EXPECT_EQ(row.event.headers, R"([["a", "b"]])");
}

TEST(OutboxDecoder, KeepsNullApartFromEmpty) {
    decoding d;
    d.take_all({golden::begin, golden::outbox});

    const auto r = d.take(golden::gone);

    ASSERT_TRUE(r) << r.error().message;
    const auto& e = std::get<decoded_row>(*r).event;
    EXPECT_FALSE(e.key || e.payload || e.content_type || e.headers);
}

TEST(OutboxDecoder, EndsATransactionBehindItsCommit) {
    decoding d;
    d.take_all({golden::begin, golden::outbox, golden::placed});
    EXPECT_TRUE(d.decoder.in_transaction());

    const auto r = d.take(golden::commit);

    ASSERT_TRUE(r) << r.error().message;
    EXPECT_EQ(std::get<decoded_commit>(*r).end_lsn, 0x17D9748U);
    EXPECT_FALSE(d.decoder.in_transaction());
}

TEST(OutboxDecoder, HearsOnlyMarksOfItsOwnPrefix) {
    decoding d;
    d.take_all({golden::begin});

    const auto own = d.take(golden::mark);
    const auto others = d.take(replaced(golden::mark, "onceward", "other-it"));

    ASSERT_TRUE(own && others);
    EXPECT_EQ(std::get<decoded_mark>(*own).content, "0123456789abcdef");
    EXPECT_TRUE(std::holds_alternative<decoded_nothing>(*others));
}

// A message that is emitted outside of its transaction is sent although that may be undone.
TEST(OutboxDecoder, IgnoresAMarkOutsideOfATransaction) {
    decoding d;
    std::string loose = golden::mark;
    loose[1] = 0;

    const auto r = d.take(loose);

    ASSERT_TRUE(r);
    EXPECT_TRUE(std::holds_alternative<decoded_nothing>(*r));
    EXPECT_NE(d.refusal(golden::mark), "");
}

TEST(OutboxDecoder, RefusesWhatDoesNotFollowTheGrammar) {
    EXPECT_NE(decoding{}.refusal(golden::commit), "") << "a commit without a begin";
    decoding twice;
    twice.take_all({golden::begin});
    EXPECT_NE(twice.refusal(golden::begin), "") << "a begin in a transaction";
    decoding other;
    other.take_all({golden::begin});
    std::string wrong_commit = golden::commit;
    wrong_commit[9] = 'x';
    EXPECT_NE(other.refusal(wrong_commit), "") << "another transaction's commit";
    decoding outside;
    outside.take_all({golden::outbox});
    EXPECT_NE(outside.refusal(golden::placed), "") << "a row outside of a transaction";
    decoding unknown;
    unknown.take_all({golden::begin});
    EXPECT_NE(unknown.refusal(golden::placed), "") << "a row of an unknown table";
}

// The publication was altered by hand: rows of leaves, or of other tables, stand for a stream in
// which outbox rows may be missing too.
TEST(OutboxDecoder, RefusesRowsOfOtherTables) {
    decoding d;
    d.take_all({golden::begin, golden::leaf});

    EXPECT_NE(d.refusal(replaced(golden::placed, from_hex("00004014"), from_hex("000040c0")))
                  .find("publish_via_partition_root"),
              std::string::npos);
}

TEST(OutboxDecoder, RefusesAnOutboxWithoutAColumnOrWithOneOfAnotherType) {
    decoding d;
    d.take_all({golden::begin});

    EXPECT_NE(d.refusal(replaced(golden::outbox, "payload", "pa_load")).find("column payload"),
              std::string::npos);
    EXPECT_NE(d.refusal(replaced(golden::outbox, from_hex("746f70696300") + from_hex("00000019"),
                                 from_hex("746f70696300") + from_hex("00000011")))
                  .find("column topic"),
              std::string::npos);
}

TEST(OutboxDecoder, RefusesMalformedValues) {
    decoding d;
    d.take_all({golden::begin, golden::outbox});

    EXPECT_NE(
        d.refusal(replaced(golden::placed, from_hex("0000000d015b"), from_hex("0000000d025b"))), "")
        << "another version of jsonb";
    EXPECT_NE(
        d.refusal(replaced(golden::placed, from_hex("62000000066f"), from_hex("74000000066f"))), "")
        << "text where binary was asked for";
    EXPECT_NE(
        d.refusal(replaced(golden::placed, from_hex("62000000066f7264657273"), from_hex("6e"))), "")
        << "an event without a topic";
}

// A table that changes is described again; the description that came last counts.
TEST(OutboxDecoder, TakesAChangedTableFromItsNextDescription) {
    decoding d;
    d.take_all({golden::begin, golden::outbox, golden::placed});
    std::string narrower = golden::outbox;
    narrower.resize(narrower.size() - from_hex("006c6174650000000010ffffffff").size());
    narrower = replaced(narrower, from_hex("64000c"), from_hex("64000b"));
    d.take_all({narrower});

    EXPECT_NE(d.refusal(golden::placed), "") << "a column too many";
    std::string row = golden::placed;
    row.resize(row.size() - from_hex("620000000100").size());
    EXPECT_EQ(d.refusal(replaced(row, from_hex("4e000c"), from_hex("4e000b"))), "");
}

// Goal: no byte of a stream, wherever it is wrong, crashes the decoder or is read past its end.
// Method: a golden transaction, one byte of it wrong, from a seed.
TEST(OutboxDecoder, SurvivesATransactionWithAnyByteWrong) {
    std::mt19937 dice(7);
    std::size_t refused = 0;
    for (std::size_t which = 0; which < golden::transaction.size(); ++which) {
        for (std::size_t at = 0; at < golden::transaction[which].size(); ++at) {
            decoding d;
            auto stream = golden::transaction;
            stream[which][at] = static_cast<char>(stream[which][at] ^ (1 + dice() % 255));
            for (const auto& m : stream) {
                const auto r = d.take(m);
                if (r) continue;
                EXPECT_EQ(r.error().origin, "pgoutput");
                ++refused;
                break;
            }
        }
    }
    EXPECT_GT(refused, 200U) << "most of the bytes matter";
}

// 92 and 177 are what onceward.bucket_of gave for the two rows.
TEST(Bucket, IsTheOneThatTheDatabaseGives) {
    decoding d;
    d.take_all({golden::begin, golden::outbox});
    const auto by_key = d.take(golden::placed);
    const auto by_id = d.take(golden::gone);

    ASSERT_TRUE(by_key && by_id);
    EXPECT_EQ(bucket_of(std::get<decoded_row>(*by_key).event), 92);
    EXPECT_EQ(bucket_of(std::get<decoded_row>(*by_id).event), 177);
}

}  // namespace
}  // namespace onceward::relay_core
