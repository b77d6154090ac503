#include "relay/core/replication_frame.hpp"

#include <gtest/gtest.h>

#include "pgoutput_golden.hpp"

namespace onceward::relay_core {
namespace {

const std::string change = "w" +
                           from_hex(
                               "00000000017d97180000000001"
                               "7d974800030433cf1ffb8b") +
                           golden::begin;
const std::string alive = "k" + from_hex("00000000017d974800030433cf1ffb8b01");

TEST(ReplicationFrame, CarriesAChange) {
    const auto f = parse_frame(change);

    ASSERT_TRUE(f);
    EXPECT_EQ(std::get<wal_data>(*f).payload, golden::begin);
}

TEST(ReplicationFrame, TellsHowFarTheServerHasLooked) {
    const auto f = parse_frame(alive);

    ASSERT_TRUE(f);
    EXPECT_EQ(std::get<keepalive>(*f).wal_end, 0x17D9748U);
    EXPECT_TRUE(std::get<keepalive>(*f).reply_now);
}

TEST(ReplicationFrame, IsRefusedWhenItIsCutShortTooLongOrUnknown) {
    for (std::size_t n = 0; n <= 25; ++n) EXPECT_FALSE(parse_frame(change.substr(0, n))) << n;
    for (std::size_t n = 0; n < alive.size(); ++n) EXPECT_FALSE(parse_frame(alive.substr(0, n)));
    EXPECT_FALSE(parse_frame(alive + "0"));
    EXPECT_FALSE(parse_frame("x" + change));
}

TEST(ReplicationFrame, AnswersInTheProtocolsForm) {
    const std::string status = standby_status(0x17D9748, 0x17D9718, 946'684'800'000'002);

    EXPECT_EQ(status, "r" + from_hex("00000000017d9748"
                                     "00000000017d9718"
                                     "00000000017d9718"
                                     "0000000000000002"
                                     "00"));
}

TEST(Lsn, IsWrittenAsTheServerWritesIt) {
    EXPECT_EQ(to_string(lsn{0x1'02E3'EB30}), "1/2E3EB30");
    EXPECT_EQ(parse_lsn("1/2E3EB30"), 0x1'02E3'EB30U);
    for (const char* bad : {"", "/", "1", "1/", "/1", "1/2g", "1/2/3", "1 /2", "100000000/0"})
        EXPECT_EQ(parse_lsn(bad), 0U) << bad;
}

}  // namespace
}  // namespace onceward::relay_core
