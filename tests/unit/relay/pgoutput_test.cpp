#include "relay/core/pgoutput.hpp"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "pgoutput_golden.hpp"

namespace onceward::relay_core::pgoutput {
namespace {

/// A message of one type, or a failure of the test.
template <class Message>
Message parsed(parser& p, const std::string& bytes) {
    auto m = p.parse(bytes);
    if (!m) {
        ADD_FAILURE() << m.error().message;
        return {};
    }
    return std::get<Message>(*m);
}

bool refused(const std::string& bytes) {
    const auto m = parser{}.parse(bytes);
    return !m && m.error().next == verdict::fatal && m.error().origin == "pgoutput";
}

/// Examples of every message that is taken; the first ones are PostgreSQL's own.
std::vector<std::string> examples() {
    auto all = golden::transaction;
    all.push_back(from_hex("4f0000000000000001") + "upstream" + '\0');
    all.push_back(from_hex("590000400a") + std::string("public\0mood\0", 12));
    // A row in text, of a table with four columns.
    all.push_back(
        from_hex("49000080014e00047400000001317400000001617400000006"
                 "5c78303066666e"));
    return all;
}

TEST(Pgoutput, ReadsATransactionAsPostgresqlSendsIt) {
    parser p;

    const auto b = parsed<begin>(p, golden::begin);
    const auto r = parsed<relation>(p, golden::outbox);
    const auto i = parsed<insert>(p, golden::placed);
    const std::vector<field> fields(i.fields.begin(), i.fields.end());
    const auto m = parsed<message>(p, golden::mark);
    const auto c = parsed<commit>(p, golden::commit);

    EXPECT_EQ(b.final_lsn, 0x17D9718U);
    EXPECT_EQ(r.id, i.relation);
    EXPECT_EQ(r.schema, "onceward");
    EXPECT_EQ(r.name, "outbox");
    ASSERT_EQ(r.columns.size(), 12U);
    EXPECT_EQ(r.columns[4].name, "topic");
    EXPECT_EQ(r.columns[4].type, 25U);
    ASSERT_EQ(fields.size(), 12U);
    EXPECT_EQ(fields[4].bytes, "orders");
    EXPECT_EQ(fields[7].bytes, std::string_view("\0\xff", 2));
    EXPECT_TRUE(m.transactional);
    EXPECT_EQ(m.prefix, "onceward");
    EXPECT_EQ(m.content, "0123456789abcdef");
    EXPECT_EQ(c.commit_lsn, b.final_lsn);
    EXPECT_EQ(c.end_lsn, 0x17D9748U);
}

TEST(Pgoutput, TellsNullFromEmpty) {
    parser p;

    const auto i = parsed<insert>(p, golden::gone);

    EXPECT_EQ(i.fields[5].is, field::form::null);
    EXPECT_EQ(i.fields[4].is, field::form::binary);
}

TEST(Pgoutput, RefusesAMessageThatIsCutShortAnywhere) {
    for (const auto& whole : examples()) {
        for (std::size_t n = 0; n < whole.size(); ++n) {
            EXPECT_TRUE(refused(whole.substr(0, n))) << whole[0] << " cut to " << n;
        }
    }
}

TEST(Pgoutput, RefusesBytesBehindAMessage) {
    for (const auto& whole : examples()) EXPECT_TRUE(refused(whole + '\0')) << whole[0];
}

// An UPDATE, DELETE or TRUNCATE, a streamed or a prepared transaction: none of them may be taken
// for something that need not be looked at.
TEST(Pgoutput, RefusesEveryKindOfMessageButThoseItKnows) {
    const std::set<char> known{'B', 'C', 'R', 'I', 'M', 'O', 'Y'};
    for (int type = 0; type < 256; ++type) {
        if (known.contains(static_cast<char>(type))) continue;
        std::string insert_in_disguise = golden::placed;
        insert_in_disguise[0] = static_cast<char>(type);
        EXPECT_TRUE(refused(insert_in_disguise)) << type;
    }
}

TEST(Pgoutput, RefusesAnUnchangedValueWhichOnlyAnUpdateMayHave) {
    EXPECT_TRUE(refused(from_hex("49000080014e000175")));
}

// Goal: whatever bytes come, an answer and no crash, and nothing outside of them is looked at.
// Method: each byte of each example takes each of a few values; then random bytes from a seed. The
// sanitizers' tier runs this too.
TEST(Pgoutput, SurvivesGarbageAtEveryByte) {
    parser p;
    std::size_t taken = 0;
    std::size_t not_taken = 0;
    const auto answer = [&](const std::string& bytes) {
        const auto m = p.parse(bytes);
        ++(m ? taken : not_taken);
        EXPECT_TRUE(m || m.error().origin == "pgoutput");
    };
    for (const auto& whole : examples()) {
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const int value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
                std::string bytes = whole;
                bytes[at] = static_cast<char>(value);
                answer(bytes);
            }
        }
    }
    std::mt19937 dice(1);
    const std::string_view types = "BCRIMOY";
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes(dice() % 60, '\0');
        for (char& c : bytes) c = static_cast<char>(dice() % 4 == 0 ? dice() : dice() % 4);
        if (!bytes.empty()) bytes[0] = types[dice() % types.size()];
        answer(bytes);
    }
    EXPECT_GT(taken, 1'000U);
    EXPECT_GT(not_taken, 1'000U);
}

}  // namespace
}  // namespace onceward::relay_core::pgoutput
