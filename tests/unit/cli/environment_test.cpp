#include "options/environment.hpp"

#include <gtest/gtest.h>

namespace onceward::options {
namespace {

const table rows{
    text("brokers", "HOST:PORT", "", "Kafka."),
    duration("lease-ttl",
             {std::chrono::seconds{10}, std::chrono::seconds{1}, std::chrono::minutes{1}},
             "A lease."),
    properties("kafka", "PROPERTY=VALUE", "Properties.")};

std::vector<std::string> unknown(const std::string& name) {
    return unknown_variables({{name, "1"}}, rows);
}

TEST(Environment, IsReadFromTheProcess) {
    ::setenv("ONCEWARD_TEST_ENVIRONMENT", "a=b", 1);

    EXPECT_EQ(value_of(process_environment(), "ONCEWARD_TEST_ENVIRONMENT"), "a=b");
    EXPECT_EQ(value_of(process_environment(), "ONCEWARD_TEST_NOWHERE"), "");
}

TEST(Environment, WarnsOfAMisspeltVariable) {
    EXPECT_EQ(unknown("ONCEWARD_LEASE_TLL"),
              std::vector<std::string>{"the environment variable ONCEWARD_LEASE_TLL is no option "
                                       "and is ignored (did you mean ONCEWARD_LEASE_TTL?)"});
    EXPECT_EQ(unknown("ONCEWARD_COMPLETELY_DIFFERENT"),
              std::vector<std::string>{
                  "the environment variable ONCEWARD_COMPLETELY_DIFFERENT is no option and is "
                  "ignored"});
}

TEST(Environment, KnowsItsOwnVariablesAndThoseOfOthers) {
    for (const char* name :
         {"HOME", "ONCEWARD_BROKERS", "ONCEWARD_KAFKA_SASL_PASSWORD_FILE", "ONCEWARD_CONFIG",
          "ONCEWARD_STATE_FILE", "ONCEWARD_CRASH", "ONCEWARD_TEST_KAFKA", "ONCEWARD_BUILD_ROOT",
          "ONCEWARD_SERVICE_HOST", "ONCEWARD_PORT_9092_TCP_ADDR"}) {
        EXPECT_TRUE(unknown(name).empty()) << name;
    }
}

}  // namespace
}  // namespace onceward::options
