#include <gtest/gtest.h>

#include "configuration.hpp"

namespace onceward::cli {
namespace {

bool there(const std::string& /*path*/) {
    return true;
}
bool nowhere(const std::string& /*path*/) {
    return false;
}

TEST(ConfigPath, IsTheFlagsThenTheVariablesThenTheUsualOne) {
    EXPECT_EQ(config_path("flag.yaml", "variable.yaml", there), "flag.yaml");
    EXPECT_EQ(config_path("", "variable.yaml", there), "variable.yaml");
    EXPECT_EQ(config_path("", "", there), "/etc/onceward/onceward.yaml");
}

TEST(ConfigPath, IsNoneWhereTheUsualOneIsAbsent) {
    EXPECT_EQ(config_path("", "", nowhere), "");
}

}  // namespace
}  // namespace onceward::cli
