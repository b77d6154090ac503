#include "kafka/murmur2.hpp"

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

namespace onceward::kafka {
namespace {

struct known {
    std::string_view bytes;
    std::int32_t hash;
};

// From org.apache.kafka.common.utils.UtilsTest.testMurmur2.
constexpr known values[] = {
    {"21", -973932308},
    {"foobar", -790332482},
    {"a-little-bit-long-string", -985981536},
    {"a-little-bit-longer-string", -1486304829},
    {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    {"abc", 479470107},
};

TEST(Murmur2, EqualsTheJavaClients) {
    for (const auto& v : values) {
        EXPECT_EQ(static_cast<std::int32_t>(murmur2(v.bytes)), v.hash) << v.bytes;
    }
}

TEST(Murmur2, TakesBytesAsUnsigned) {
    EXPECT_NE(murmur2("\xff"), murmur2("\x7f"));
    EXPECT_NE(murmur2(std::string_view("\0", 1)), murmur2(""));
}

TEST(PartitionOf, IsTheJavaClients) {
    for (const auto& v : values) {
        EXPECT_EQ(partition_of(v.bytes, 7), (v.hash & 0x7fffffff) % 7) << v.bytes;
    }
}

TEST(PartitionOf, LiesAmongThePartitions) {
    for (std::int32_t partitions : {1, 2, 3, 1000}) {
        for (const auto& v : values) {
            EXPECT_GE(partition_of(v.bytes, partitions), 0);
            EXPECT_LT(partition_of(v.bytes, partitions), partitions);
        }
    }
}

}  // namespace
}  // namespace onceward::kafka
