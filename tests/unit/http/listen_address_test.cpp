#include "http/listen_address.hpp"

#include <gtest/gtest.h>

namespace onceward::http {
namespace {

TEST(ListenAddress, IsANumericAddressAndAPort) {
    for (const char* text : {"127.0.0.1:8717", "0.0.0.0:0", "[::1]:65535", "[::]:80"}) {
        const auto a = parse_listen_address(text);
        ASSERT_TRUE(a) << text;
        EXPECT_EQ(a->text(), text);
    }
    EXPECT_EQ(parse_listen_address("localhost:1")->text(), "127.0.0.1:1");
}

TEST(ListenAddress, IsNothingElse) {
    for (const char* text : {"", "8717", ":8717", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:1x", "::1:80", "[127.0.0.1]:80", "[]:80",
                             "db.example:80", "127.1:80", "127.0.0.1 :80", "[::1]80"}) {
        EXPECT_FALSE(parse_listen_address(text)) << text;
    }
}

TEST(ListenAddress, KnowsWhatOnlyThisMachineReaches) {
    for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"})
        EXPECT_TRUE(parse_listen_address(text)->is_loopback()) << text;
    for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[fe80::1]:1", "128.0.0.1:1"})
        EXPECT_FALSE(parse_listen_address(text)->is_loopback()) << text;
}

}  // namespace
}  // namespace onceward::http
